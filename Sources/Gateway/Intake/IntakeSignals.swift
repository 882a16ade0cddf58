import Contracts
import JobLedger
import Logging
import ServiceKit

extension Logger {
    /// Logs and counts an admitted submission.
    func accepted(_ receipt: AdmissionReceipt, over channel: String) {
        var metadata: Logger.Metadata = [
            LogKey.batchID: .string(receipt.response.batchID), "channel": .string(channel),
            "items": .stringConvertible(receipt.response.itemsTotal),
            "expanding": .stringConvertible(receipt.response.expansions.count),
            "replayed": .stringConvertible(receipt.isReplay),
        ]
        for status in SubmissionResponse.Status.allCases {
            GatewayMetrics.submitted(receipt.count(status), status)
            metadata[status.rawValue] = .stringConvertible(receipt.count(status))
        }
        log(event: .intakeAccepted, "a submission was accepted", metadata: metadata)
    }

    /// Logs and counts a refused submission.
    func rejected(_ reason: String, over channel: String) {
        GatewayMetrics.rejected(over: channel)
        log(
            event: .intakeRejected, level: .warning, "a submission was refused",
            metadata: ["channel": .string(channel), LogKey.error: .string(reason)])
    }
}
