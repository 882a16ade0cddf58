public import Contracts
import Databases
import Foundation
import GRDB

/// Why a job cannot be cancelled or restarted.
public enum JobOrderError: Error, Sendable, Equatable {
    case unknown
    /// The text explains the state of the job to a person.
    case conflict(String)
}

// Commands of people about single jobs.
extension JobStore {
    /// Cancels a job that has not ended: its state, its reservation, the event, and the request for its marker file, in one
    /// transaction.
    /// - Throws: ``JobOrderError``, `DatabaseError`.
    public func cancel(_ id: JobID, by client: String, worker: String) async throws -> CancelledGeneration {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            let known = try KnownJob(id, db)
            guard !known.projected.state.isFinal else {
                throw JobOrderError.conflict("the job has ended: \(known.projected.state.rawValue)")
            }
            let generation = known.projected.position.generation
            var event = JobEvent(
                .cancelled, of: known.outline, at: known.summary.stage, state: .cancelled, hop: JobEvent.lastHop,
                requeues: generation, attempt: known.summary.attempt, worker: worker)
            event.at = now
            event.message = "cancelled by a person"
            event.data = ["cancelled_by": .string(client)]
            let cancelled = CancelledGeneration(job: id, generation: generation)
            try db.enqueue(event, about: known.outline, .event(event), traceparent: nil)
            try db.enqueue(cancelled, about: known.outline, .cancelMarker, traceparent: nil)
            _ = try db.apply(event, at: now)
            return cancelled
        }
    }

    /// Restarts a cancelled job from the match stage, with a fresh retry budget.
    /// - Parameter prepare: Runs before the new generation starts, with its number. It may block.
    /// - Throws: ``JobOrderError``, `DatabaseError`, and what `prepare` throws.
    public func restart(
        _ id: JobID, by client: String, worker: String, prepare: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let now = clock()
        try await writer.write(.onDisk) { db in
            let known = try KnownJob(id, db)
            let job = try known.restartable(db)
            let generation = known.projected.position.generation + 1
            try prepare(generation)
            var event = JobEvent(
                .requeued, of: job, at: .match, state: .queued, hop: 0, requeues: generation, attempt: 1,
                worker: worker)
            event.at = now
            event.message = "a person asked to try again"
            event.data = ["requeued_by": .string(client)]
            let step = JobStep(hop: 1, generation: generation)
            try db.enqueue(job, about: job, .job(job, to: .match, step), traceparent: nil)
            try db.enqueue(event, about: job, .event(event), traceparent: nil)
            _ = try db.apply(event, at: now)
        }
    }
}

/// A job as the ledger has it.
private struct KnownJob {
    var summary: JobSummary
    var projected: ProjectedState
    /// The document as it was submitted; `nil` when only events are known.
    var document: JobDocument?

    init(_ id: JobID, _ db: Database) throws {
        let known = try db.readFirst("SELECT * FROM jobs WHERE job_id = ?", [id.text]) { row in
            let document = try? row.optionallyDecoded("document") {
                try ContractCoding.decode(JobDocument.self, from: $0)
            }
            return (summary: try JobSummary(row), document: document)
        }
        guard let known, let projected = try db.projectedState(of: id) else { throw JobOrderError.unknown }
        (summary, document) = (known.summary, known.document)
        self.projected = projected
    }

    /// The document, or as much of it as messages about the job need.
    var outline: JobDocument {
        document
            ?? JobDocument(
                jobID: summary.jobID, batchID: summary.batchID, kind: summary.kind, dedupeKey: summary.dedupeKey,
                priority: summary.priority, track: Track(artist: summary.artist, title: summary.title))
    }

    /// Returns the job's document if the job can be restarted.
    func restartable(_ db: Database) throws -> JobDocument {
        guard projected.state == .cancelled else {
            throw JobOrderError.conflict(
                projected.state == .deadLetter
                    ? "the job is a dead letter: requeue it with POST /api/v1/dlq/requeue"
                    : "only a cancelled job can be restarted; its state is \(projected.state.rawValue)")
        }
        guard var job = document else {
            throw JobOrderError.conflict("the job was not submitted to this gateway, so it cannot be restarted")
        }
        if let reservation = try db.reservation(of: job.dedupeKey), reservation.jobID != job.jobID {
            throw JobOrderError.conflict(
                "job \(reservation.jobID) for the same recording was submitted since; its state is "
                    + reservation.state.rawValue)
        }
        if let verdicts = try db.verdicts(on: DedupeKey.of(job.track)) { job.verdicts = verdicts }
        return job
    }
}
