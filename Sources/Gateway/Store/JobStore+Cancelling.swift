import Contracts
import Databases
import Foundation
import GRDB
import ServiceKit

/// A job's life that has been ended by a person.
struct CancelledGeneration: Sendable, Equatable {
    var job: JobID
    /// How often the job had been sent back to work.
    var requeues: Int
}

/// Why a job cannot be cancelled or tried again.
enum JobOrderError: Error, Sendable, Equatable {
    case unknown
    /// With what is so, for a person.
    case conflict(String)
}

// What people order about single jobs.
extension JobStore {
    /// Cancels a job that has not ended, in one transaction: its standing, its key, and what has to be published because
    /// of it.
    /// - Throws: ``JobOrderError``, `DatabaseError`.
    func cancel(_ id: JobID, by client: String, worker: String) async throws -> CancelledGeneration {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            let known = try Self.known(id, db)
            guard !known.standing.state.isFinal else {
                throw JobOrderError.conflict("the job has ended: \(known.standing.state.rawValue)")
            }
            let requeues = known.standing.position.requeues
            var event = JobEvent(
                .cancelled, of: known.job, at: known.summary.stage, state: .cancelled, hop: JobEvent.lastHop,
                requeues: requeues, attempt: known.summary.attempt, worker: worker)
            event.at = now
            event.message = "cancelled by a person"
            event.data = ["cancelled_by": .string(client)]
            var order = ControlMessage(.cancel, jobID: id)
            (order.at, order.requeues) = (now, requeues)
            try Self.post(event, about: known.job, .event(event), traceparent: nil, db)
            try Self.post(order, about: known.job, .control, traceparent: nil, db)
            _ = try Self.apply(event, at: now, db)
            return CancelledGeneration(job: id, requeues: requeues)
        }
    }

    /// Sends a cancelled job back to work from the beginning, with a fresh budget.
    /// - Parameter prepare: what has to be done before the new life begins, given its number. Blocks.
    /// - Throws: ``JobOrderError``, `DatabaseError`, and what `prepare` throws.
    func tryAgain(
        _ id: JobID, by client: String, worker: String, prepare: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let now = clock()
        try await writer.write(.onDisk) { db in
            let known = try Self.known(id, db)
            let job = try Self.restartable(known, db)
            var envelope = JobEnvelope()
            envelope.requeues = known.standing.position.requeues + 1
            try prepare(envelope.requeues)
            var event = JobEvent(
                .requeued, of: job, at: .match, state: .queued, hop: 0, requeues: envelope.requeues, attempt: 1,
                worker: worker)
            event.at = now
            event.message = "a person asked to try again"
            event.data = ["requeued_by": .string(client)]
            envelope.hop = 1
            try Self.post(job, about: job, .job(job, to: .match, envelope), traceparent: nil, db)
            try Self.post(event, about: job, .event(event), traceparent: nil, db)
            _ = try Self.apply(event, at: now, db)
        }
    }
}

// MARK: - Parts of them

extension JobStore {
    private struct Known {
        var summary: JobSummary
        var standing: ProjectedState
        /// As it was submitted; `nil` when the job is known from its events alone.
        var document: JobDocument?
        /// Enough of it for messages about it.
        var job: JobDocument
    }

    private static func known(_ id: JobID, _ db: Database) throws -> Known {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM jobs WHERE job_id = ?"), arguments: [id.text])
        guard let row, let summary = JobSummary(row), let standing = try standing(of: id, db) else {
            throw JobOrderError.unknown
        }
        let document = (row["document"] as Data?).flatMap { try? ContractCoding.decode(JobDocument.self, from: $0) }
        let outline = JobDocument(
            jobID: id, batchID: summary.batchID, kind: summary.kind, dedupeKey: summary.dedupeKey,
            priority: summary.priority, track: Track(artist: summary.artist, title: summary.title))
        return Known(summary: summary, standing: standing, document: document, job: document ?? outline)
    }

    /// The job's document, when nothing keeps it from being worked on again.
    private static func restartable(_ known: Known, _ db: Database) throws -> JobDocument {
        guard known.standing.state == .cancelled else {
            throw JobOrderError.conflict(
                known.standing.state == .deadLetter
                    ? "the job is a dead letter: send it back to work with POST /api/v1/dlq/requeue"
                    : "only a cancelled job can be tried again; its state is \(known.standing.state.rawValue)")
        }
        guard var job = known.document else {
            throw JobOrderError.conflict("the job was not submitted here, so that it cannot be tried again")
        }
        if let held = try Reservation.fetch(job.dedupeKey, db), held.jobID != job.jobID {
            throw JobOrderError.conflict(
                "job \(held.jobID) has been asked for the same since; its state is "
                    + held.state.rawValue)
        }
        if let verdicts = try verdicts(on: DedupeKey.of(job.track), db) { job.verdicts = verdicts }
        return job
    }
}

extension OutboxRoute {
    /// An order to all services.
    static let control = OutboxRoute(exchange: ExchangeName.control, key: "", type: MessageType.control)
}

extension EventPosition {
    /// How often the job had been sent back to work by then.
    var requeues: Int { JobEvent.requeues(ofSequence: Int(max(0, value) / Self.ranks)) }
}
