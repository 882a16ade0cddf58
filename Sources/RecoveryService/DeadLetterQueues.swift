import AMQP
import Contracts

/// Looks into the queues of dead letters, which nobody consumes: messages are taken out, looked at and given back
/// within a moment. Others who look at the same time see the rest.
struct DeadLetterQueues: Sendable {
    private let connection: AMQPConnection
    /// The most messages that one look holds.
    private let limit: Int

    /// How often a message that is not there is looked for again, as somebody else may hold it for a moment.
    private static let looks = 5

    init(_ connection: AMQPConnection, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    /// What one look into every parking lot found.
    struct Survey: Sendable {
        var records: [DeadLetterRecord] = []
        /// The lots that were seen to the end.
        var complete: Set<String> = []
    }

    /// Looks at every message and gives it back.
    func survey() async throws -> Survey {
        var survey = Survey()
        for queue in QueueName.deadLetterQueues {
            let left = limit - survey.records.count
            guard left > 0 else { break }
            let (records, isComplete) = try await look(into: queue, atMost: left)
            survey.records += records
            if isComplete { survey.complete.insert(queue) }
        }
        return survey
    }

    /// How many messages are ready in a lot.
    func depth(of queue: String) async throws(AMQPError) -> Int { try await connection.status(of: queue).ready }

    /// Whether nothing is parked that could be had. The broker counts what was given back only after a moment.
    func isEmpty(_ queue: String) async throws -> Bool {
        for look in 1...Self.looks {
            if try await depth(of: queue) > 0 { return false }
            if look < Self.looks { try await Task.sleep(for: .milliseconds(100)) }
        }
        return true
    }

    /// Takes messages out of a lot by their ids, lets `act` end those it wants to end, and gives the others back. Looks
    /// again for those that were not there.
    /// - Returns: the ids that were never there.
    func take(
        _ ids: Set<String>, from queue: String, act: ([DeadLetter]) async throws -> Void
    ) async throws -> Set<String> {
        var missing = ids
        for look in 1...Self.looks {
            missing = try await connection.inspect(queue) { inspection in
                let found = try await find(missing, inspection)
                if !found.isEmpty { try await act(found) }
                return missing.subtracting(found.map(\.id))
            }
            if missing.isEmpty || look == Self.looks { break }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...100)))
        }
        return missing
    }

    /// A message that is held for the moment.
    struct DeadLetter: Sendable {
        let id: String
        let delivery: Delivery
        /// The same message, parked more than once: a publish that was repeated after a lost connection.
        var copies: [Delivery] = []
    }

    private func look(into queue: String, atMost limit: Int) async throws -> ([DeadLetterRecord], Bool) {
        try await connection.inspect(queue) { inspection in
            var records: [DeadLetterRecord] = []
            while records.count < limit {
                guard let delivery = try await inspection.next() else { return (records, true) }
                records.append(DeadLetterRecord(delivery, queue: queue))
            }
            return (records, false)
        }
    }

    private func find(_ ids: Set<String>, _ inspection: Inspection) async throws(AMQPError) -> [DeadLetter] {
        var found: [String: DeadLetter] = [:]
        var seen = 0
        while found.count < ids.count, seen < limit, let delivery = try await inspection.next() {
            seen += 1
            let id = DeadLetterRecord.id(of: delivery.message)
            guard ids.contains(id) else { continue }
            if found[id] == nil {
                found[id] = DeadLetter(id: id, delivery: delivery)
            } else if found[id]?.delivery.message.body == delivery.message.body {
                found[id]?.copies.append(delivery)
            }
        }
        return Array(found.values)
    }
}
