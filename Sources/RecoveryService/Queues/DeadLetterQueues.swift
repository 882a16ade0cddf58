import AMQP
import Contracts

/// Reads the dead-letter queues, which have no consumers. Messages are held for a moment and returned; other clients
/// that read at the same time see the rest.
struct DeadLetterQueues: Sendable {
    private let connection: AMQPConnection
    /// The most messages that one pass holds.
    private let limit: Int

    /// How often a missing message is searched for, as another client may hold it for a moment.
    private static let passes = 5

    init(_ connection: AMQPConnection, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    /// Reads every message and returns it to its queue.
    func snapshot() async throws -> DeadLetterSnapshot {
        var snapshot = DeadLetterSnapshot()
        for queue in QueueName.deadLetterQueues {
            let left = limit - snapshot.records.count
            guard left > 0 else { break }
            let (records, isComplete) = try await read(queue, limit: left)
            snapshot.records += records
            if isComplete { snapshot.completeQueues.insert(queue) }
        }
        return snapshot
    }

    /// Returns the number of ready messages in a queue.
    func depth(of queue: String) async throws(AMQPError) -> Int { try await connection.status(of: queue).ready }

    /// Whether a queue has no ready message. Counts several times, as the broker counts returned messages with a delay.
    func isEmpty(_ queue: String) async throws -> Bool {
        for pass in 1...Self.passes {
            if try await depth(of: queue) > 0 { return false }
            if pass < Self.passes { try await Task.sleep(for: .milliseconds(100)) }
        }
        return true
    }

    /// Holds messages while `process` acknowledges some of them, and returns the others to the queue. Searches again
    /// for messages that were not there.
    /// - Returns: the ids that were not found.
    func hold(
        _ ids: Set<String>, in queue: String, process: ([HeldDeadLetter]) async throws -> Void
    ) async throws -> Set<String> {
        var missing = ids
        for pass in 1...Self.passes {
            missing = try await connection.inspect(queue) { inspection in
                let found = try await find(missing, inspection)
                if !found.isEmpty { try await process(found) }
                return missing.subtracting(found.map(\.id))
            }
            if missing.isEmpty || pass == Self.passes { break }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...100)))
        }
        return missing
    }

    private func read(_ queue: String, limit: Int) async throws -> ([DeadLetterRecord], isComplete: Bool) {
        try await connection.inspect(queue) { inspection in
            var records: [DeadLetterRecord] = []
            while records.count < limit {
                guard let delivery = try await inspection.next() else { return (records, true) }
                records.append(DeadLetterRecord(delivery, queue: queue))
            }
            return (records, false)
        }
    }

    private func find(_ ids: Set<String>, _ inspection: Inspection) async throws(AMQPError) -> [HeldDeadLetter] {
        var found: [String: HeldDeadLetter] = [:]
        var seen = 0
        while found.count < ids.count, seen < limit, let delivery = try await inspection.next() {
            seen += 1
            let id = DeadLetterRecord.id(of: delivery.message)
            guard ids.contains(id) else { continue }
            if found[id] == nil {
                found[id] = HeldDeadLetter(id: id, delivery: delivery)
            } else if found[id]?.delivery.message.body == delivery.message.body {
                found[id]?.copies.append(delivery)
            }
        }
        return Array(found.values)
    }
}
