import Contracts
import Foundation

/// Hands submissions over to the gateway.
protocol SubmissionClient: Sendable {
    /// Submits the bytes until there is a response.
    ///
    /// The gateway returns the same response for the same key and bytes, so a repetition has no effect.
    /// - Parameters:
    ///   - key: the strict idempotency key, `<what>:<uuid>:<step>`.
    ///   - traceparent: the W3C Trace Context of the request that the submission belongs to.
    /// - Throws: `CancellationError`; nothing else ends the repetition.
    func submit(_ body: Data, key: String, traceparent: String?) async throws -> SubmissionResult
}

/// How the gateway answered a submission.
enum SubmissionResult: Sendable, Equatable {
    case accepted(SubmissionResponse)
    /// The submission violates the contract, or its key was used for other bytes. A repetition does not help.
    case refused(TaskProblem)

    /// Reads the body of a response.
    /// - Returns: `nil` when a repetition may help: the gateway reports a temporary error, or the body is not readable.
    init?(_ body: Data) {
        if let response = try? ContractCoding.decode(SubmissionResponse.self, from: body) {
            self = .accepted(response)
            return
        }
        guard let error = try? ContractCoding.decode(ErrorResponse.self, from: body).error else { return nil }
        switch error.code {
        case .dependencyError, .rateLimited, .internalError: return nil
        default: self = .refused(TaskProblem(code: error.code.rawValue, message: error.message))
        }
    }
}
