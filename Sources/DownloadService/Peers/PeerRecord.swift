import Contracts
import Foundation

/// The history of a peer: weighted numbers of delivered, failed and mislabelled files. Older events weigh less.
struct PeerRecord: Sendable, Equatable, Encodable {
    let user: String
    /// Delivered files.
    var successes = 0.0
    /// Transfers that stalled or ended without the file.
    var failures = 0.0
    /// Files that were not the offered recording.
    var lies = 0.0
    /// The moving average in bytes a second; `nil` before the first delivery.
    var speed: Double?
    /// The time for which the weights are valid.
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

    /// The time in which an event loses half of its weight.
    static let halfLife: Duration = .seconds(14 * 86_400)

    /// A mislabelled file weighs more than a failure, because it may go unnoticed.
    private static let weightOfLies = 4.0
    /// An unknown peer counts as one with two deliveries and one failure, so that it is tried.
    private static let prior = (good: 2.0, all: 3.0)

    var isBanned: Bool { bannedAt != nil }

    /// The estimated probability that the next transfer succeeds, 0 … 1.
    var trust: Double {
        (successes + Self.prior.good) / (successes + failures + lies * Self.weightOfLies + Self.prior.all)
    }

    /// Returns the record with its weights at a later time.
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

    /// Returns the record after a further event.
    func after(_ event: PeerEvent, at now: Timestamp) -> PeerRecord {
        var record = aged(to: now)
        switch event {
        case .delivered(let bytes, let duration):
            record.successes += 1
            record.addSpeed(bytes, duration)
        case .failed: record.failures += 1
        case .mislabelled: record.lies += 1
        }
        return record
    }

    /// Updates the moving average. Very short transfers have no meaningful speed.
    private mutating func addSpeed(_ bytes: Int64, _ duration: Duration) {
        let seconds = duration / .seconds(1)
        guard seconds >= 0.1, bytes > 0 else { return }
        let observed = Double(bytes) / seconds
        speed = speed.map { $0 * 0.7 + observed * 0.3 } ?? observed
    }
}

/// The result of a transfer from a peer.
enum PeerEvent: Sendable, Equatable {
    case delivered(bytes: Int64, in: Duration)
    case failed
    /// The file was not the offered recording.
    case mislabelled
}
