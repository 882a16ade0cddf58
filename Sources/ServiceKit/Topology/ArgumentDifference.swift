import AMQP
import Contracts

/// The argument in which an existing queue differs from a declaration, from the broker's description. The broker names one
/// argument at a time.
struct ArgumentDifference: Equatable {
    let name: String
    /// The queue's value; `nil` when it has none.
    let current: FieldValue?

    /// - Parameter text: such as `inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received none but current is
    ///   the value '1000' of type 'long'`.
    /// - Returns: `nil` for another text.
    init?(_ text: String) {
        let parts = text.split(separator: " but current is ", maxSplits: 1)
        guard parts.count == 2, let start = parts[0].firstRange(of: "inequivalent arg '"),
            let name = parts[0][start.upperBound...].split(separator: "'").first
        else { return nil }
        self.name = String(name)
        let values = parts[1].split(separator: "'", omittingEmptySubsequences: false)
        guard values.count > 1 else {
            current = nil
            return
        }
        // Two values of the same type are named without it.
        let isText = values.count > 3 && values[3] == "longstr"
        let number = isText ? nil : Int64(values[1])
        current = number.map(FieldValue.integer) ?? .string(String(values[1]))
    }
}

extension AMQPConnection {
    /// Whether an existing queue is of another type than its declaration.
    ///
    /// The broker names the first argument that differs, so that the others are made equal one by one until it names the
    /// type or finds no difference.
    func hasOtherType(_ queue: QueueDeclaration) async throws(AMQPError) -> Bool {
        var arguments = FieldTable(queue.arguments)
        for _ in 0..<20 {
            let comparison = try await compare(.queue(queue.name, arguments: arguments))
            guard case .different(let text) = comparison, let difference = ArgumentDifference(text) else {
                return false
            }
            guard difference.name != "x-queue-type" else { return true }
            arguments[difference.name] = difference.current
        }
        return false
    }
}
