import Contracts
import JobLedger
import Logging
import ServiceKit
import Synchronization

/// The rows of the outbox that cannot be read. Each is logged and counted once by a process.
final class DamagedRows: Sendable {
    /// Later rows are counted by the next process. A table that is damaged that much shows in the log anyway.
    private static let most = 10_000

    private let known = Mutex<Set<Int64>>([])

    func report(_ row: DamagedOutboxRow, _ logger: Logger) {
        let isNew = known.withLock { $0.count < Self.most && $0.insert(row.number).inserted }
        guard isNew else { return }
        GatewayMetrics.damagedOutboxRow()
        var metadata: Logger.Metadata = ["row": .stringConvertible(row.number), LogKey.error: .string(row.problem)]
        if let job = row.job { metadata[LogKey.jobID] = .string(job) }
        logger.log(
            event: .workerFailed, level: .error,
            "a message of the outbox cannot be read and is not published; cancel its job and submit the track again",
            metadata: metadata)
    }
}
