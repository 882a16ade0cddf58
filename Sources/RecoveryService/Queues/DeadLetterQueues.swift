import AMQP
import Contracts

/// Reads the dead-letter queues, which have no consumers. Messages are held for a moment and returned; other clients
/// that read at the same time see the rest.
struct DeadLetterQueues: Sendable {
    private let connection: AMQPConnection
    /// The most messages of a queue that one pass holds.
    private let limit: Int

    /// How often a missing message is searched for, as another client may hold it for a moment.
    private static let passes = 5
    /// The most messages, and the most bytes, that are in memory at once.
    private static let batch = (messages: 100, bytes: 4 << 20)

    init(_ connection: AMQPConnection, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    /// Reads up to the limit of each queue, passes the messages on in batches, and returns them to their queues. A queue
    /// that does not exist is skipped. A message that is in its queue more than once is passed on and returned once.
    /// - Parameter process: stores the messages of a batch. The copies are removed afterwards.
    func read(_ process: ([RoutedMessage], _ queue: String) async throws -> Void) async throws -> DeadLetterSurvey {
        var survey = DeadLetterSurvey()
        for queue in QueueName.deadLetterQueues {
            do {
                try await read(queue, &survey, process)
            } catch let error as AMQPError where error.code == .notFound {
                continue
            }
        }
        return survey
    }

    /// Returns the number of ready messages in a queue; 0 for a queue that does not exist.
    func depth(of queue: String) async throws(AMQPError) -> Int {
        do {
            return try await connection.status(of: queue).ready
        } catch  where error.code == .notFound {
            return 0
        }
    }

    /// Whether a queue has no ready message. Counts several times, as the broker counts returned messages with a delay.
    func isEmpty(_ queue: String) async throws -> Bool {
        for pass in 1...Self.passes {
            if try await depth(of: queue) > 0 { return false }
            if pass < Self.passes { try await Task.sleep(for: .milliseconds(100)) }
        }
        return true
    }

    /// Whether a queue has more messages than one pass reads.
    func isBeyondReach(_ queue: String) async throws(AMQPError) -> Bool { try await depth(of: queue) > limit }

    /// Holds messages while `process` acknowledges some of them, and returns the others to the queue. Searches again
    /// for messages that were not there.
    /// - Returns: the keys that were not found.
    func hold(
        _ keys: Set<DeadLetterKey>, in queue: String, process: ([HeldDeadLetter]) async throws -> Void
    ) async throws -> Set<DeadLetterKey> {
        var missing = keys
        for pass in 1...Self.passes {
            missing = try await connection.inspect(queue) { inspection in
                var receipts: [HeldReceipt] = []
                let found = try await returning({ receipts }, to: inspection) {
                    let found = try await find(missing, inspection, &receipts)
                    if !found.isEmpty { try await process(found) }
                    return found
                }
                return missing.subtracting(found.map(\.key))
            }
            if missing.isEmpty || pass == Self.passes { break }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...100)))
        }
        return missing
    }

    private func read(
        _ queue: String, _ survey: inout DeadLetterSurvey,
        _ process: ([RoutedMessage], _ queue: String) async throws -> Void
    ) async throws {
        var copies = RepeatedMessages()
        let isComplete = try await connection.inspect(queue) { inspection in
            var receipts: [HeldReceipt] = []
            return try await returning({ receipts }, to: inspection) {
                while true {
                    let (batch, isLast) = try await next(inspection, &receipts)
                    let (first, repeated) = copies.divide(batch)
                    if !first.isEmpty { try await process(first.map { RoutedMessage($0) }, queue) }
                    for copy in repeated { copy.ack() }
                    if isLast { return receipts.count < limit }
                }
            }
        }
        if isComplete { survey.complete.insert(queue) }
        if copies.count > 0 { survey.copies[queue] = copies.count }
    }

    /// Fetches the next messages.
    /// - Returns: also whether none follows, or the limit is reached.
    private func next(
        _ inspection: Inspection, _ receipts: inout [HeldReceipt]
    ) async throws(AMQPError) -> (batch: [Delivery], isLast: Bool) {
        var batch: [Delivery] = []
        var bytes = 0
        while batch.count < Self.batch.messages, bytes < Self.batch.bytes {
            guard receipts.count < limit, let delivery = try await inspection.next() else { return (batch, true) }
            batch.append(delivery)
            bytes += delivery.message.body.count
            receipts.append(HeldReceipt(delivery))
        }
        return (batch, false)
    }

    /// Returns the messages that `body` has not settled in their order, also when it throws.
    private func returning<Value>(
        _ receipts: () -> [HeldReceipt], to inspection: Inspection, _ body: () async throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        try await inspection.putBack(receipts())
        return try result.get()
    }

    private func find(
        _ keys: Set<DeadLetterKey>, _ inspection: Inspection, _ receipts: inout [HeldReceipt]
    ) async throws(AMQPError) -> [HeldDeadLetter] {
        let ids = Set(keys.map(\.id))
        var found: [DeadLetterKey: HeldDeadLetter] = [:]
        // To the end, as a message can be in the queue more than once.
        while receipts.count < limit, let delivery = try await inspection.next() {
            receipts.append(HeldReceipt(delivery))
            guard ids.contains(DeadLetterRecord.id(of: delivery.message)) else { continue }
            let key = DeadLetterRecord(RoutedMessage(delivery)).key
            guard keys.contains(key) else { continue }
            if found[key] == nil {
                found[key] = HeldDeadLetter(key: key, delivery: delivery)
            } else {
                found[key]?.copies.append(delivery)
            }
        }
        return Array(found.values)
    }
}
