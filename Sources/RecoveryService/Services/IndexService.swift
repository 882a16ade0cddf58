import AMQP
import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Consumes the copies of all dead letters and records them, with their messages, in the index.
struct IndexService: Service {
    let index: DeadLetterIndex
    let runtime: ServiceRuntime
    /// Raised when endings may have to be published.
    let wake: WakeSignal

    /// The most copies in one transaction, and in memory. A body may have a megabyte.
    private static let batch = 32

    /// Acknowledges after the commit. From then on the index has the message, also if its queue was deleted. A repetition
    /// changes nothing. While the database cannot be written, the copies are held and then returned.
    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.recovery, prefetch: Self.batch)
        try await queue.runBatches(upTo: Self.batch) { deliveries in
            let letters = try deliveries.map { try ReadDeadLetter(RoutedMessage($0)) }
            let changed = try await index.record(letters)
            CrashPoint.pass(.recoveryIndexed)
            for record in changed { log(record) }
            wake.raise()
        }
        // The connection was closed.
        try? await gracefulShutdown()
    }

    private func log(_ record: DeadLetterRecord) {
        var metadata: Logger.Metadata = [
            "message_id": .string(record.id), LogKey.queue: .string(record.queue),
            LogKey.code: .string(record.reason), LogKey.error: .string(record.error),
            LogKey.attempt: .stringConvertible(record.attempt),
        ]
        if let job = record.jobID { metadata[LogKey.jobID] = .string(job) }
        if let stage = record.stage { metadata[LogKey.stage] = .string(stage) }
        runtime.logger.log(
            event: .recoveryDeadLettered, level: .warning, "a dead letter was indexed", metadata: metadata)
    }
}
