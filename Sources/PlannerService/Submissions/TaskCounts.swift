import Catalogues
import Contracts

/// How many entries were read, and what became of them.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct TaskCounts: Codable, Sendable, Equatable {
    /// Entries of the list so far; when it is read a second time, of the second pass.
    var read = 0
    /// New jobs.
    var enqueued = 0
    var alreadyEnqueued = 0
    var alreadyProcessed = 0
    /// Entries that became no job, by reason.
    var skipped: [String: Int] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        read = try fields.decodeIfPresent(Int.self, forKey: .read) ?? 0
        enqueued = try fields.decodeIfPresent(Int.self, forKey: .enqueued) ?? 0
        alreadyEnqueued = try fields.decodeIfPresent(Int.self, forKey: .alreadyEnqueued) ?? 0
        alreadyProcessed = try fields.decodeIfPresent(Int.self, forKey: .alreadyProcessed) ?? 0
        skipped = try fields.decodeIfPresent([String: Int].self, forKey: .skipped) ?? [:]
    }

    /// Tracks that were submitted.
    var submitted: Int { enqueued + alreadyEnqueued + alreadyProcessed }

    mutating func skip(_ reason: SkipReason, _ count: Int = 1) {
        guard count > 0 else { return }
        skipped[reason.rawValue, default: 0] += count
    }

    mutating func add(_ admitted: AdmittedCounts) {
        enqueued += admitted.enqueued
        alreadyEnqueued += admitted.alreadyEnqueued
        alreadyProcessed += admitted.alreadyProcessed
    }

    /// Resets what is counted again when the list is read again.
    mutating func restart() {
        read = 0
        skipped = [:]
    }

    /// The counts as events contain them.
    var summary: ExpansionEvent.Counts {
        ExpansionEvent.Counts(
            read: read, enqueued: enqueued, alreadyEnqueued: alreadyEnqueued, alreadyProcessed: alreadyProcessed,
            skipped: skipped)
    }
}

/// Why an entry of a list becomes no job. The raw values are a public contract.
enum SkipReason: String, Codable, Sendable, CaseIterable {
    /// The catalogue has removed it.
    case gone
    /// An episode of a podcast.
    case episode
    /// It has no title or no artist, or one that cannot be used.
    case unnamed
    /// The list contains it twice.
    case duplicate
    /// The catalogue does not offer it to this account.
    case unavailable
    /// It is beyond the number of entries that are read.
    case limit
}

extension SkipReason {
    init(_ obstacle: CatalogueEntry.Obstacle) {
        switch obstacle {
        case .gone: self = .gone
        case .episode: self = .episode
        case .unnamed: self = .unnamed
        }
    }
}
