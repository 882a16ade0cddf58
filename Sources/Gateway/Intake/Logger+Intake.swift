import Contracts
import Logging
import ServiceKit

extension Logger {
    /// Says what became of a submission.
    func accepted(_ receipt: IntakeReceipt, over channel: String) {
        GatewayMetrics.submitted(receipt)
        var metadata: Logger.Metadata = [
            LogKey.batchID: .string(receipt.answer.batchID), "channel": .string(channel),
            "items": .stringConvertible(receipt.answer.itemsTotal),
            "expanding": .stringConvertible(receipt.answer.expansions.count),
            "replayed": .stringConvertible(receipt.isReplay),
        ]
        for status in SubmissionResponse.Status.allCases {
            metadata[status.rawValue] = .stringConvertible(receipt.count(status))
        }
        log(event: .intakeAccepted, "a submission was accepted", metadata: metadata)
    }

    /// Says why a submission was refused.
    func rejected(_ reason: String, over channel: String) {
        GatewayMetrics.rejected(over: channel)
        log(
            event: .intakeRejected, level: .warning, "a submission was refused",
            metadata: ["channel": .string(channel), LogKey.error: .string(reason)])
    }
}

extension IntakeError {
    /// The answer that says so.
    var answer: ErrorResponse {
        switch self {
        case .invalid(let violation): ErrorResponse(violation)
        case .tooLarge(let limit):
            ErrorResponse(
                .payloadTooLarge, "the submission is larger than \(limit) bytes; send it in parts",
                meta: ["limit": .integer(Int64(limit))])
        case .conflict:
            ErrorResponse(.conflict, "the Idempotency-Key was used for another submission; use a new key")
        case .unavailable:
            ErrorResponse(.dependencyError, "the database did not take the submission; try again later")
        }
    }
}
