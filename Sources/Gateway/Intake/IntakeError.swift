import Contracts

/// Why a submission was refused. Nothing of it was stored.
enum IntakeError: Error, Sendable {
    case invalid(ContractViolation)
    case tooLarge(limit: Int)
    /// The idempotency key was used for another submission.
    case conflict
    /// The response to the same submission is stored, but cannot be read. A later attempt fails, too.
    case unreadableResponse(String)
    /// The database failed; a later attempt may succeed.
    case unavailable(String)
    /// The database refused the submission. A later attempt fails, too.
    case refused(String)

    /// Why the database failed, for the log; `nil` for a submission that the gateway refused.
    var failure: String? {
        switch self {
        case .unavailable(let reason), .refused(let reason): reason
        case .invalid, .tooLarge, .conflict, .unreadableResponse: nil
        }
    }

    /// The body of the response.
    var response: ErrorResponse {
        switch self {
        case .invalid(let violation): ErrorResponse(violation)
        case .tooLarge(let limit):
            ErrorResponse(
                .payloadTooLarge, "the submission is larger than \(limit) bytes; send it in parts",
                meta: ["limit": .integer(Int64(limit))])
        case .conflict:
            ErrorResponse(.conflict, "the Idempotency-Key was used for another submission; use a new key")
        case .unreadableResponse(let reason):
            ErrorResponse(
                .conflict,
                "the submission was admitted before, but its stored response cannot be read (\(reason)); see the batch's "
                    + "jobs, or submit it again with a new Idempotency-Key")
        case .refused:
            ErrorResponse(.internalError, "the submission cannot be stored; the service's log says why")
        case .unavailable:
            ErrorResponse(.dependencyError, "the database did not store the submission; try again later")
        }
    }
}
