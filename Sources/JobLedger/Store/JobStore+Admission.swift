import Contracts
import Databases
import GRDB

// Submissions.
extension JobStore {
    /// Reserves the dedupe keys of a submission's items, inserts its new jobs and links, and puts both into the outbox.
    ///
    /// All of it is one transaction, which other submissions may share. When the call returns, the response is
    /// durable.
    /// - Throws: ``IdempotencyConflict``, ``UnreadableResponse``, `DatabaseError`.
    public func admit(
        _ admission: Admission, limits: AdmissionLimits, replay: ReplayKey? = nil, worker: String
    ) async throws -> AdmissionReceipt {
        let now = clock()
        return try await admissions.commit { db in
            if let replay, let stored = try db.storedResponse(to: replay, at: now) {
                return AdmissionReceipt(response: stored, isReplay: true)
            }
            let context = AdmissionContext(admission, worker: worker, at: now)
            let items = try db.admit(admission.items, context, limits)
            let links = try admission.links.map { try db.reserve($0, context) }
            let response = SubmissionResponse(
                batchID: admission.batchID.text, requestedBy: admission.requestedBy, items: items, expansions: links)
            if let replay { try db.store(response, for: replay, at: now) }
            return AdmissionReceipt(response: response)
        }
    }
}
