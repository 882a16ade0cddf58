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

    /// Restarts a cancelled job, or one whose message is gone, with a fresh retry budget.
    /// - Parameters:
    ///   - stage: where the job continues; earlier if the results of the stages before it are not stored.
    ///   - claim: Receives the job's latest known generation, and returns the next one, which it has claimed. It may
    ///     block. It runs after every check and before every change, so that nothing is claimed in vain.
    /// - Returns: The stage at which the job continues.
    /// - Throws: ``JobOrderError``, `DatabaseError`, and what `claim` throws.
    public func restart(
        _ id: JobID, from stage: Stage = .match, by client: String, worker: String,
        claim: @escaping @Sendable (Int) throws -> Int
    ) async throws -> Stage {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            let known = try KnownJob(id, db)
            let restart = try known.restart(from: stage, db)
            let generation = try claim(known.projected.position.generation)
            var event = JobEvent(
                .requeued, of: restart.job, at: restart.stage, state: .queued, hop: 0, requeues: generation, attempt: 1,
                worker: worker)
            event.at = now
            event.message = "a person asked to try again"
            event.data = ["requeued_by": .string(client)]
            let step = JobStep(hop: 1, generation: generation)
            try db.enqueue(
                restart.body, about: restart.job, .job(restart.job, to: restart.stage, step), traceparent: nil)
            try db.enqueue(event, about: restart.job, .event(event), traceparent: nil)
            _ = try db.apply(event, at: now)
            return restart.stage
        }
    }
}

/// A job as the ledger has it.
private struct KnownJob {
    var summary: JobSummary
    var projected: ProjectedState
    /// The document as it was submitted, or as it arrived first; `nil` when only events are known.
    var body: JobBody?

    init(_ id: JobID, _ db: Database) throws {
        let known = try db.readFirst("SELECT * FROM jobs WHERE job_id = ?", [id.text]) { row in
            (summary: try JobSummary(row), body: try? row.optionallyDecoded("document") { try JobBody($0) })
        }
        guard let known, let projected = try db.projectedState(of: id) else { throw JobOrderError.unknown }
        (summary, body) = (known.summary, known.body)
        self.projected = projected
    }

    /// The document, or as much of it as messages about the job need.
    var outline: JobDocument {
        body?.document
            ?? JobDocument(
                jobID: summary.jobID, batchID: summary.batchID, kind: summary.kind, dedupeKey: summary.dedupeKey,
                priority: summary.priority, track: Track(artist: summary.artist, title: summary.title))
    }

    /// A dead letter continues with all that its message has. So only one whose message is gone starts from here.
    private func checkState(_ db: Database) throws {
        switch projected.state {
        case .cancelled: return
        case .deadLetter:
            guard try !db.isMessageGone(of: summary.jobID, at: projected.position) else { return }
            throw JobOrderError.conflict("the job is a dead letter: requeue it with POST /api/v1/dlq/requeue")
        case let state:
            throw JobOrderError.conflict(
                "only a job that was cancelled or has lost its message can be restarted; its state is "
                    + state.rawValue)
        }
    }

    /// Returns the message with which the job continues at a stage.
    func restart(from stage: Stage, _ db: Database) throws -> (stage: Stage, job: JobDocument, body: Data) {
        try checkState(db)
        guard let body else {
            throw JobOrderError.conflict(
                "the gateway has no document of this job, so it cannot be restarted; submit the track again")
        }
        if let reservation = try db.reservation(of: body.document.dedupeKey),
            reservation.jobID != body.document.jobID
        {
            throw JobOrderError.conflict(
                "job \(reservation.jobID) for the same recording was submitted since; its state is "
                    + reservation.state.rawValue)
        }
        let sections = StageSections(stored: try db.sections(of: summary.jobID))
        let stage = sections.lastStage(upTo: stage, in: body.document)
        let kept = try JobBody(
            body.bytes(with: sections.contents(before: stage), without: StageSections.removed(at: stage)))
        guard let verdicts = try db.verdicts(on: DedupeKey.of(kept.document.track)) else {
            return (stage, kept.document, kept.bytes)
        }
        var job = kept.document
        job.verdicts = verdicts
        return (stage, job, try kept.bytes(replacedBy: job, sections: [.verdicts]))
    }
}

extension Database {
    /// Whether the dead letter of a job cannot be requeued: recovery found that its message is gone, or it was purged.
    ///
    /// A message that turns up nevertheless is stale after the restart.
    fileprivate func isMessageGone(of job: JobID, at position: EventPosition) throws -> Bool {
        let events = try readAll(
            "SELECT event, data FROM timeline WHERE job_id = ? AND position >= ?", [job.text, position.value]
        ) { row in
            (try row.value("event", as: String.self), try row.optionalValue("data", as: String.self))
        }
        return events.contains { event, data in
            if event.hasSuffix(".\(JobEvent.Name.purged.rawValue)") { return true }
            guard event.hasSuffix(".\(JobEvent.Name.deadLettered.rawValue)"), let data else { return false }
            let values = try? ContractCoding.decode(JSONValue.self, from: Data(data.utf8))
            return values?["message_lost"] == .bool(true)
        }
    }
}
