import Contracts
import Foundation
import ServiceKit

/// Takes submissions: the one way in, for HTTP and AMQP alike.
struct Intake: Sendable {
    private let store: JobStore
    private let limits: IntakeLimits
    private let outbox: WakeSignal
    private let expander: WakeSignal
    /// The process, as the timeline names it.
    private let worker: String

    /// - Parameter expander: raised when a submission brought links.
    init(
        _ store: JobStore, limits: IntakeLimits, outbox: WakeSignal, expander: WakeSignal = WakeSignal(),
        worker: String
    ) {
        self.store = store
        self.limits = limits
        self.outbox = outbox
        self.expander = expander
        self.worker = worker
    }

    /// Checks a submission, reserves the keys of its items, and keeps the jobs for publishing, all in one transaction.
    /// When it returns, the answer is a promise that outlives the process.
    /// - Throws: ``IntakeError``.
    func submit(
        _ body: Data, replay: ReplayKey? = nil, traceparent: String? = nil
    ) async throws(IntakeError) -> IntakeReceipt {
        guard body.count <= limits.maxBodyBytes else { throw .tooLarge(limit: limits.maxBodyBytes) }
        return try await submit(try submission(body), replay: replay, traceparent: traceparent)
    }

    /// Takes a submission that was read already.
    /// - Throws: ``IntakeError``.
    func submit(
        _ submission: Submission, replay: ReplayKey? = nil, traceparent: String? = nil
    ) async throws(IntakeError) -> IntakeReceipt {
        let receipt = try await keep(try admission(submission, traceparent), replay)
        if receipt.count(.enqueued) > 0 { outbox.raise() }
        if !receipt.answer.expansions.isEmpty { expander.raise() }
        return receipt
    }

    private func submission(_ body: Data) throws(IntakeError) -> Submission {
        do throws(ContractViolation) {
            return try ContractCoding.decode(Submission.self, from: body)
        } catch {
            throw .invalid(error)
        }
    }

    private func admission(_ submission: Submission, _ traceparent: String?) throws(IntakeError) -> Admission {
        do {
            return try Admission(submission, limits: limits, at: store.clock(), traceparent: traceparent)
        } catch {
            throw .invalid(ContractViolation(error))
        }
    }

    private func keep(_ admission: Admission, _ replay: ReplayKey?) async throws(IntakeError) -> IntakeReceipt {
        do {
            return try await store.admit(admission, limits: limits, replay: replay, worker: worker)
        } catch let error as IntakeError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

/// What became of a submission.
struct IntakeReceipt: Sendable {
    let answer: SubmissionResponse
    /// The answer was given before to the same submission.
    var isReplay = false

    func count(_ status: SubmissionResponse.Status) -> Int {
        isReplay ? 0 : answer.items.count { $0.status == status }
    }
}

/// Why a submission was not taken. Nothing of it was kept.
enum IntakeError: Error, Sendable {
    case invalid(ContractViolation)
    case tooLarge(limit: Int)
    /// The key of the answer belongs to another submission.
    case conflict
    /// The database did not do it; trying again later may help.
    case unavailable(String)
}
