import Contracts
import Foundation

/// What is known of a peer: how often it delivered, let jobs down and lied, each with less weight the longer ago.
struct PeerRecord: Sendable, Equatable, Encodable {
    let user: String
    /// Deliveries, of today's weight.
    var successes = 0.0
    /// Transfers that ended without the file, or stood still.
    var failures = 0.0
    /// Files that were not what the peer said.
    var lies = 0.0
    /// Bytes a second, the mean of what was observed; `nil` before the first delivery.
    var speed: Double?
    /// The moment to which the weights are reckoned.
    var at: Timestamp
    /// Nothing is fetched from a banned peer.
    var bannedAt: Timestamp?
    var banReason: String?

    enum CodingKeys: String, CodingKey {
        case user, successes, failures, lies, speed, at
        case bannedAt = "banned_at"
        case banReason = "ban_reason"
    }

    init(user: String, at: Timestamp) {
        self.user = user
        self.at = at
    }

    /// The time in which what a peer did loses half of its weight.
    static let halfLife: Duration = .seconds(14 * 86_400)

    /// A lie costs more than a failure: a wrong file may go unnoticed.
    private static let weightOfLies = 4.0
    /// A peer that nobody knows counts as one that delivered twice and failed once: it gets its chance.
    private static let prior = (good: 2.0, all: 3.0)

    var isBanned: Bool { bannedAt != nil }

    /// How likely the next transfer is to succeed, 0 … 1.
    var trust: Double {
        (successes + Self.prior.good) / (successes + failures + lies * Self.weightOfLies + Self.prior.all)
    }

    /// The record as it weighs at a later moment.
    func aged(to now: Timestamp) -> PeerRecord {
        let halves = max(0, now.since(at) / Self.halfLife)
        let weight = pow(0.5, halves)
        var record = self
        record.successes *= weight
        record.failures *= weight
        record.lies *= weight
        record.at = max(at, now)
        return record
    }

    /// The record after something more happened.
    func after(_ deed: PeerEvent, at now: Timestamp) -> PeerRecord {
        var record = aged(to: now)
        switch deed {
        case .delivered(let bytes, let duration):
            record.successes += 1
            record.noteSpeed(bytes, duration)
        case .failed: record.failures += 1
        case .lied: record.lies += 1
        }
        return record
    }

    /// Newer observations count more; transfers of no length tell nothing.
    private mutating func noteSpeed(_ bytes: Int64, _ duration: Duration) {
        let seconds = duration / .seconds(1)
        guard seconds >= 0.1, bytes > 0 else { return }
        let observed = Double(bytes) / seconds
        speed = speed.map { $0 * 0.7 + observed * 0.3 } ?? observed
    }
}

/// What a peer did.
enum PeerEvent: Sendable, Equatable {
    case delivered(bytes: Int64, in: Duration)
    case failed
    case lied
}
