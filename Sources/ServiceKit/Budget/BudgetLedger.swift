import Contracts
import Foundation

/// One request to a limited provider.
struct BudgetUse: Codable, Sendable, Equatable {
    /// Unique among all uses.
    let id: String
    /// When it was permitted; after its end, when it started.
    var at: Timestamp
    /// In flight: when it counts as ended if its end is not recorded before.
    var inFlightUntil: Timestamp?

    enum CodingKeys: String, CodingKey {
        case id, at
        case inFlightUntil = "in_flight_until"
    }

    /// Merges two records of the same request. It has ended if one of them contains the end.
    func merged(_ other: BudgetUse) -> BudgetUse {
        var use = self
        use.at = max(at, other.at)
        use.inFlightUntil = inFlightUntil.flatMap { mine in other.inFlightUntil.map { max(mine, $0) } }
        return use
    }
}

/// The requests to a provider that still count (`contracts/schemas/budget.schema.json`).
struct BudgetLedger: Codable, Sendable, Equatable {
    static let schema = "hdm.budget/1"

    var schema = Self.schema
    var provider: String
    /// How often the ledger was replaced.
    var generation = 0
    /// The uses, the oldest first.
    var uses: [BudgetUse] = []
    var blockedUntil: Timestamp?
    var blockedBecause: String?

    init(provider: String) { self.provider = provider }

    enum CodingKeys: String, CodingKey {
        case schema, provider, generation, uses
        case blockedUntil = "blocked_until"
        case blockedBecause = "blocked_because"
    }

    /// Decodes a ledger; `nil` for another document or another version.
    init?(_ body: Data) {
        guard let ledger = try? ContractCoding.decode(Self.self, from: body), ledger.schema == Self.schema else {
            return nil
        }
        self = ledger
        // The number grows with every change; one near its end would stop every process that reads the ledger.
        generation = min(max(generation, 0), Int(Limits.bytes))
    }
}

// MARK: - Changes

extension BudgetLedger {
    /// Adds the content of another ledger. Removes nothing: at worst, too much counts as used.
    mutating func merge(_ other: BudgetLedger) {
        generation = max(generation, other.generation)
        merge(other.uses)
        if let until = other.blockedUntil { block(until: until, because: other.blockedBecause) }
    }

    mutating func merge(_ others: [BudgetUse]) {
        let all = (uses + others).map { ($0.id, $0) }
        uses = Dictionary(all) { $0.merged($1) }.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    /// Removes uses and a block that no longer count.
    mutating func prune(_ limits: BudgetLimits, at now: Timestamp) {
        uses.removeAll { $0.at + limits.memory <= now && ($0.inFlightUntil ?? now) <= now }
        guard let until = blockedUntil, until <= now else { return }
        blockedUntil = nil
        blockedBecause = nil
    }

    /// Blocks the provider. A shorter block does not end a longer one.
    mutating func block(until: Timestamp, because: String?) {
        if let blockedUntil, blockedUntil >= until { return }
        blockedUntil = until
        blockedBecause = because
    }

    mutating func add(_ id: String, _ limits: BudgetLimits, at now: Timestamp) {
        merge([BudgetUse(id: id, at: now, inFlightUntil: now + limits.lease)])
    }

    /// Records that a request has ended.
    /// - Parameter began: when it started, which may be later than its permit.
    mutating func end(_ id: String, began: Timestamp?) {
        guard let index = uses.firstIndex(where: { $0.id == id }) else { return }
        var use = uses.remove(at: index)
        use.at = max(use.at, began ?? use.at)
        use.inFlightUntil = nil
        merge([use])
    }
}
