import Contracts
import Databases
import GRDB

extension DeadLetterPresence {
    /// How long a message may be missing from its queue before it counts as gone.
    static let patience: Duration = .seconds(60)
}

/// An entry of the index.
struct IndexedDeadLetter: Sendable, Equatable {
    /// The number of the row.
    var number: Int64
    var record: DeadLetterRecord
    var createdAt: String
    var updatedAt: String
    var presence: DeadLetterPresence
    var isRequeued: Bool
    var isPurged: Bool
    /// Whether a message that no queue took is not returned any more.
    var isGivenUp: Bool

    /// Whether the dead letter was neither requeued nor purged.
    var isOpen: Bool { !isRequeued && !isPurged }
}

extension IndexedDeadLetter {
    /// Reads a row of the table `dead_letter`.
    /// - Throws: `UnreadableRow`.
    init(_ row: Row) throws {
        number = try row.value("number")
        record = try DeadLetterRecord(row)
        createdAt = try row.value("created_at")
        updatedAt = try row.value("updated_at")
        isRequeued = try row.optionalValue("requeued_at", as: String.self) != nil
        isPurged = try row.optionalValue("purged_at", as: String.self) != nil
        isGivenUp = try row.value("given_up")
        let missing = try row.optionalValue("missing_since", as: String.self).flatMap { Timestamp($0) }
        presence = missing.map { Timestamp.now.since($0) < DeadLetterPresence.patience ? .held : .gone } ?? .present
    }
}

extension DeadLetterRecord {
    fileprivate init(_ row: Row) throws {
        id = try row.value("id")
        subject = try row.value("subject")
        cause = try row.enumeration("cause")
        jobID = try row.optionalValue("job_id")
        batchID = try row.optionalValue("batch_id")
        kind = try row.optionalValue("kind")
        artist = try row.optionalValue("artist")
        title = try row.optionalValue("title")
        stage = try row.optionalValue("stage")
        queue = try row.value("queue")
        reason = try row.value("reason")
        error = try row.value("error")
        attempt = try row.value("attempt")
        requeues = try row.value("requeues")
        priority = try row.optionalValue("priority")
        worker = try row.optionalValue("worker")
        deadAt = try row.optionalValue("dead_at")
    }
}
