import Contracts
import Foundation

/// One request to a limited provider.
struct BudgetUse: Codable, Sendable, Equatable {
    /// Tells it from all others.
    let id: String
    /// When it was permitted; once it has ended, when it began.
    var at: Timestamp
    /// While it runs: when it counts as ended if nobody says so before.
    var inFlightUntil: Timestamp?

    enum CodingKeys: String, CodingKey {
        case id, at
        case inFlightUntil = "in_flight_until"
    }

    /// What two records of the same request say together. An end that one of them knows is an end.
    func merged(_ other: BudgetUse) -> BudgetUse {
        var use = self
        use.at = max(at, other.at)
        use.inFlightUntil = inFlightUntil.flatMap { mine in other.inFlightUntil.map { max(mine, $0) } }
        return use
    }
}

/// What was used of a provider (`contracts/schemas/budget.schema.json`).
struct BudgetLedger: Codable, Sendable, Equatable {
    static let schema = "hdm.budget/1"

    var schema = Self.schema
    var provider: String
    /// How often it was replaced.
    var generation = 0
    /// The oldest first.
    var uses: [BudgetUse] = []
    var blockedUntil: Timestamp?
    var blockedBecause: String?

    init(provider: String) { self.provider = provider }

    enum CodingKeys: String, CodingKey {
        case schema, provider, generation, uses
        case blockedUntil = "blocked_until"
        case blockedBecause = "blocked_because"
    }

    /// `nil` for anything but a ledger that this version understands.
    init?(_ body: Data) {
        guard let ledger = try? ContractCoding.decode(Self.self, from: body), ledger.schema == Self.schema else {
            return nil
        }
        self = ledger
    }
}

// MARK: - Changes

extension BudgetLedger {
    /// Takes over what another ledger knows. Never forgets anything: at worst too much counts.
    mutating func merge(_ other: BudgetLedger) {
        generation = max(generation, other.generation)
        merge(other.uses)
        if let until = other.blockedUntil { block(until: until, because: other.blockedBecause) }
    }

    mutating func merge(_ others: [BudgetUse]) {
        let all = (uses + others).map { ($0.id, $0) }
        uses = Dictionary(all) { $0.merged($1) }.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    /// Drops what cannot matter any more.
    mutating func prune(_ limits: BudgetLimits, at now: Timestamp) {
        uses.removeAll { $0.at + limits.memory <= now && ($0.inFlightUntil ?? now) <= now }
        guard let until = blockedUntil, until <= now else { return }
        blockedUntil = nil
        blockedBecause = nil
    }

    /// A shorter block does not end a longer one.
    mutating func block(until: Timestamp, because: String?) {
        if let blockedUntil, blockedUntil >= until { return }
        blockedUntil = until
        blockedBecause = because
    }

    mutating func add(_ id: String, _ limits: BudgetLimits, at now: Timestamp) {
        merge([BudgetUse(id: id, at: now, inFlightUntil: now + limits.lease)])
    }

    /// Notes that a request has ended.
    /// - Parameter began: when it really began, which may be later than it was permitted.
    mutating func end(_ id: String, began: Timestamp?) {
        guard let index = uses.firstIndex(where: { $0.id == id }) else { return }
        var use = uses.remove(at: index)
        use.at = max(use.at, began ?? use.at)
        use.inFlightUntil = nil
        merge([use])
    }
}
