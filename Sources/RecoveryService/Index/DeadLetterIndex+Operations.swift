import Contracts
import Databases
import GRDB

// What operators and this service do with dead letters.
extension DeadLetterIndex {
    /// Records what is about to be done, before it is done.
    func recordIntent(_ action: OperatorAction, by actor: String, _ entries: [IndexedDeadLetter]) async throws {
        let now = Timestamp.now.description
        try await write(.onDisk) { db in
            for entry in entries {
                try db.execute(
                    sql: """
                        INSERT INTO deed (at, action, actor, id, job_id, queue, entry, outcome)
                        VALUES (?, ?, ?, ?, ?, ?, ?, 'begun')
                        """,
                    arguments: [
                        now, action.rawValue, actor, entry.record.id, entry.record.jobID, entry.record.queue,
                        entry.number,
                    ])
            }
        }
    }

    /// Records that the job runs again as a later generation. The message in the dead-letter queue is stale from now on.
    func recordRequeued(_ number: Int64, as generation: Int) async throws {
        try await recordEnd(.requeue, number, "requeued_at = ?, requeued_as = \(generation), missing_since = NULL")
    }

    /// Records that a dead letter was purged.
    func recordPurged(_ number: Int64) async throws {
        try await recordEnd(.purge, number, "purged_at = ?, parked = 0, missing_since = NULL")
    }

    private func recordEnd(_ action: OperatorAction, _ number: Int64, _ change: String) async throws {
        let now = Timestamp.now.description
        try await write(.onDisk) { db in
            try db.execute(
                sql: "UPDATE dead_letter SET \(change), updated_at = ? WHERE number = ?",
                arguments: [now, now, number])
            try db.execute(
                sql: "UPDATE deed SET outcome = 'done' WHERE entry = ? AND outcome = 'begun' AND action = ?",
                arguments: [number, action.rawValue])
        }
    }

    /// Records that stale messages were removed from their queue.
    func recordRemoved(_ numbers: [Int64]) async throws {
        try await write(.soon) { db in
            for number in numbers {
                try db.execute(sql: "UPDATE dead_letter SET parked = 0 WHERE number = ?", arguments: [number])
            }
        }
    }

    /// Records that the event of a job's ending was published.
    func recordTold(_ number: Int64) async throws {
        try await write(.soon) { db in
            try db.execute(sql: "UPDATE dead_letter SET told = 1 WHERE number = ?", arguments: [number])
        }
    }

    /// Records that a message that no queue took is not returned any more.
    func recordGivenUp(_ number: Int64) async throws {
        try await write(.soon) { db in
            try db.execute(sql: "UPDATE dead_letter SET given_up = 1 WHERE number = ?", arguments: [number])
        }
    }

    /// Deletes entries that were requeued, purged or went missing before a time, and what operators did before it. An
    /// entry whose message is still in its queue stays: without it, the message would be open again.
    func deleteEntries(endedBefore time: Timestamp) async throws {
        try await write(.soon) { db in
            try db.execute(
                sql: """
                    DELETE FROM dead_letter WHERE parked = 0 AND coalesce(requeued_at, purged_at, missing_since) < ?
                    """,
                arguments: [time.description])
            try db.execute(sql: "DELETE FROM deed WHERE at < ?", arguments: [time.description])
        }
    }
}
