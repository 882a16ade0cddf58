import Contracts
import Foundation
import JobLedger
import ServiceKit

/// Admits submissions. Both HTTP and AMQP use it.
struct Intake: Sendable {
    private let store: JobStore
    private let limits: AdmissionLimits
    private let outbox: WakeSignal
    /// The process, as the timeline names it.
    private let worker: String

    init(_ store: JobStore, limits: AdmissionLimits, outbox: WakeSignal, worker: String) {
        self.store = store
        self.limits = limits
        self.outbox = outbox
        self.worker = worker
    }

    /// Checks a submission, reserves the dedupe keys of its items, and stores its jobs and links for publishing, in one
    /// transaction. When the call returns, the response is durable.
    /// - Throws: ``IntakeError``.
    func submit(
        _ body: Data, replay: ReplayKey? = nil, traceparent: String? = nil, trustsMetadata: Bool = false
    ) async throws(IntakeError) -> AdmissionReceipt {
        guard body.count <= limits.maxBodyBytes else { throw .tooLarge(limit: limits.maxBodyBytes) }
        return try await submit(
            try submission(body), replay: replay, traceparent: traceparent, trustsMetadata: trustsMetadata)
    }

    /// Admits a decoded submission.
    /// - Parameter trustsMetadata: Whether the metadata of the items is taken over.
    /// - Throws: ``IntakeError``.
    func submit(
        _ submission: Submission, replay: ReplayKey? = nil, traceparent: String? = nil, trustsMetadata: Bool = false
    ) async throws(IntakeError) -> AdmissionReceipt {
        let receipt = try await admit(try admission(submission, traceparent, trustsMetadata), replay)
        if receipt.count(.enqueued) > 0 || !receipt.response.expansions.isEmpty { outbox.raise() }
        return receipt
    }

    private func submission(_ body: Data) throws(IntakeError) -> Submission {
        do throws(ContractViolation) {
            return try ContractCoding.decode(Submission.self, from: body)
        } catch {
            throw .invalid(error)
        }
    }

    private func admission(
        _ submission: Submission, _ traceparent: String?, _ trustsMetadata: Bool
    ) throws(IntakeError) -> Admission {
        do {
            return try Admission(
                submission, limits: limits, at: store.clock(), traceparent: traceparent,
                trustsMetadata: trustsMetadata)
        } catch {
            throw .invalid(ContractViolation(error))
        }
    }

    private func admit(
        _ admission: Admission, _ replay: ReplayKey?
    ) async throws(IntakeError) -> AdmissionReceipt {
        do {
            return try await store.admit(admission, limits: limits, replay: replay, worker: worker)
        } catch is IdempotencyConflict {
            throw .conflict
        } catch let error as UnreadableResponse {
            throw .unreadableResponse(error.reason)
        } catch {
            throw JobStore.isTemporary(error) ? .unavailable("\(error)") : .refused("\(error)")
        }
    }
}
