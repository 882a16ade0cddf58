public import Contracts
import Databases
public import Foundation
import GRDB

/// A page of the jobs that have not ended, oldest first.
public struct ActiveJobs: Encodable, Sendable, Equatable {
    /// How many jobs have not ended.
    public var total: Int
    /// How many of these no queue has: they wait in the ledger for a person or for the outbox.
    public var held: Int
    public var items: [ActiveJob]
    /// The number after which the next page begins; `nil` at the end.
    public var next: Int64?
}

/// A job that has not ended, for the comparison of the ledger with the queues.
public struct ActiveJob: Encodable, Sendable, Equatable {
    /// Where a job is that no queue has.
    public enum Holder: String, Encodable, Sendable {
        /// Its message waits to be published.
        case outbox
        /// A person decides about its match.
        case review
    }

    public var number: Int64
    public var jobID: JobID
    public var state: JobState
    public var stage: Stage
    public var generation: Int
    /// The sequence number of the last event.
    public var sequence: Int
    public var updatedAt: Timestamp
    /// `nil` when a queue, a service or a retry tier must have the job.
    public var heldBy: Holder?

    enum CodingKeys: String, CodingKey {
        case number, state, stage, generation, sequence
        case jobID = "job_id"
        case updatedAt = "updated_at"
        case heldBy = "held_by"
    }

    fileprivate init(_ row: Row) throws {
        number = try row.value("number")
        jobID = try row.jobID("job_id")
        state = try row.enumeration("state")
        stage = try row.enumeration("stage")
        let position = EventPosition(value: try row.value("position"))
        (generation, sequence) = (position.generation, position.sequence)
        updatedAt = try row.time("updated_at")
        let (isUnpublished, isInReview) = (
            try row.value("unpublished", as: Bool.self), try row.value("in_review", as: Bool.self)
        )
        heldBy = isUnpublished ? .outbox : isInReview ? .review : nil
    }
}

/// A document that was found in a queue.
public struct FoundJob: Sendable {
    public var body: JobBody
    /// The stage whose message it is.
    public var stage: Stage
    public var generation: Int
    public var hop: Int

    private struct Position: Decodable {
        var stage: Stage
        var generation: Int?
        var hop: Int?
    }

    /// Reads a request: `{ "items": [ { "job": …, "stage": …, "generation": …, "hop": … } ] }`.
    /// - Throws: for the first document that no stage would accept, too.
    public static func list(_ request: Data) throws(ContractViolation) -> [FoundJob] {
        guard let items = try RawJSON.members(of: request)["items"], let items = try RawJSON.elements(of: items) else {
            throw ContractViolation(path: "/items", problem: "must be an array")
        }
        var jobs: [FoundJob] = []
        for (index, item) in items.enumerated() {
            do throws(ContractViolation) {
                jobs.append(try FoundJob(item))
            } catch {
                throw ContractViolation(path: "/items/\(index)\(error.path)", problem: error.problem)
            }
        }
        return jobs
    }

    private init(_ item: Data) throws(ContractViolation) {
        let position = try ContractCoding.decode(Position.self, from: item)
        (stage, generation, hop) = (position.stage, position.generation ?? 0, position.hop ?? 0)
        guard let document = try RawJSON.members(of: item)["job"] else {
            throw ContractViolation(path: "/job", problem: "is missing")
        }
        do throws(ContractViolation) {
            body = try JobBody(document)
        } catch {
            throw ContractViolation(path: "/job\(error.path)", problem: error.problem)
        }
    }
}

/// What became of documents that were found in queues.
public struct FoundJobsResult: Encodable, Sendable, Equatable {
    /// The jobs that the ledger did not know.
    public var added: [JobID] = []
    /// How many it knew.
    public var known = 0
    /// Jobs whose dedupe key another job holds.
    public var conflicts: [KeyConflict] = []
}

// The comparison of the ledger with the broker's queues.
extension JobStore {
    /// Returns a page of the jobs that have not ended. Rows that cannot be read are left out.
    /// - Parameter number: The jobs follow this number.
    public func activeJobs(after number: Int64, limit: Int) async throws -> ActiveJobs {
        try await writer.read { db in
            var (count, last) = (0, number)
            let items = try db.readAll(Self.activeSQL, [MessageType.job, number, limit]) { row in
                count += 1
                last = try row.value("number")
                return try ActiveJob(row)
            }
            let counts = try Row.fetchOne(db.cachedStatement(sql: Self.countSQL), arguments: [MessageType.job])
            return ActiveJobs(
                total: try counts?.value("total") ?? 0, held: try counts?.value("held") ?? 0, items: items,
                next: count < limit ? nil : last)
        }
    }

    private static let unpublished =
        "job_id IN (SELECT job_id FROM outbox WHERE type IS NULL OR type = ?)"
    /// The state of the job does not matter: a review that recovery returned to its queue need not be announced as one.
    /// A review before the job's position is over: a later message of the job exists.
    private static let inReview = """
        EXISTS (
            SELECT 1 FROM reviews r
            WHERE r.job_id = jobs.job_id AND r.status = 'open' AND r.position >= jobs.position)
        """

    private static let activeSQL = """
        SELECT number, job_id, state, stage, position, updated_at, \(unpublished) AS unpublished,
            \(inReview) AS in_review
        FROM jobs WHERE ended_at IS NULL AND number > ? ORDER BY number LIMIT ?
        """

    private static let countSQL = """
        SELECT count(*) AS total, coalesce(sum(\(unpublished) OR \(inReview)), 0) AS held
        FROM jobs WHERE ended_at IS NULL
        """

    /// Enters jobs that were found in queues and that the ledger does not know. A repetition changes nothing.
    public func enter(_ found: [FoundJob], worker: String) async throws -> FoundJobsResult {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            var result = FoundJobsResult()
            for found in found {
                let event = found.event(worker: worker, at: now)
                guard try db.projectedState(of: event.jobID) == nil else {
                    try db.storeDocument(of: event)
                    result.known += 1
                    continue
                }
                if case .keyHeld(let conflict) = try db.apply(event, at: now) { result.conflicts.append(conflict) }
                result.added.append(event.jobID)
            }
            return result
        }
    }
}

extension FoundJob {
    /// The event that enters the job.
    fileprivate func event(worker: String, at now: Timestamp) -> JobEvent {
        var event = JobEvent(
            .enqueued, of: body.document, at: stage, state: .queued, hop: hop, requeues: generation, attempt: 1,
            worker: worker)
        (event.at, event.message) = (now, "found in a queue")
        event.document = body.bytes
        return event
    }
}
