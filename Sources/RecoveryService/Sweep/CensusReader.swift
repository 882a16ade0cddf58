import AMQP
import Contracts
import ServiceKit

/// Reads queues message by message and returns the messages to their places.
struct CensusReader: Sendable {
    let connection: AMQPConnection
    /// The most messages of one queue that are read.
    let deepest: Int

    /// Why no census can be made now; `nil` if the depth of every queue allows it.
    func obstacle(in queues: [String]) async throws(AMQPError) -> String? {
        let status = try await connection.status(of: queues)
        if let missing = queues.first(where: { status[$0] == nil }) { return "the queue \(missing) does not exist" }
        guard let deep = queues.first(where: { status[$0].map { $0.ready > deepest } ?? false }) else { return nil }
        return "the queue \(deep) has more than \(deepest) messages"
    }

    /// Reads a queue.
    /// - Parameters:
    ///   - missing: the jobs that are searched for. Those that are found are removed.
    ///   - end: when the reading ends, complete or not.
    ///   - visit: receives every message; it must not keep it.
    /// - Returns: `false` when the queue does not exist, is too deep, or was not read by the end. A queue that was deleted
    ///   lost its messages, and a service may still return some of them to its successor.
    func read(
        _ queue: String, _ missing: inout Set<JobID>, until end: ContinuousClock.Instant,
        _ visit: (RoutedMessage, _ queue: String) async throws -> Void
    ) async throws -> Bool {
        let search = missing
        do {
            let (found, isComplete) = try await connection.inspect(queue) { inspection in
                try await read(queue, search, inspection, until: end, visit)
            }
            missing.subtract(found)
            return isComplete
        } catch let error as AMQPError where error.code == .notFound {
            return false
        }
    }

    private func read(
        _ queue: String, _ missing: Set<JobID>, _ inspection: Inspection, until end: ContinuousClock.Instant,
        _ visit: (RoutedMessage, String) async throws -> Void
    ) async throws -> (found: [JobID], isComplete: Bool) {
        var receipts: [HeldReceipt] = []
        var found: [JobID] = []
        var isComplete = false
        while receipts.count < deepest, ContinuousClock.now < end {
            guard let delivery = try await inspection.next() else {
                isComplete = true
                break
            }
            receipts.append(HeldReceipt(delivery))
            if let job = Self.job(of: delivery), missing.contains(job) { found.append(job) }
            try await visit(RoutedMessage(delivery), queue)
        }
        try await inspection.putBack(receipts)
        return (found, isComplete)
    }

    /// Services set the correlation id of every job's message; other publishers need not.
    private static func job(of delivery: Delivery) -> JobID? {
        delivery.message.properties.correlationID.flatMap { JobID($0) }
            ?? (try? JobBody(delivery.message.body))?.document.jobID
    }
}
