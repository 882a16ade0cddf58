import AMQP
import Contracts
import Files

/// The messages of a queue, to recognise copies of the same publish. Equal messages are counted.
struct MessageSet: Sendable {
    private var counts: [String: Int] = [:]

    init() {}

    /// Reads all ready messages of a queue. They return to it in their order. Only their hashes stay in memory.
    init(_ queue: String, _ connection: AMQPConnection) async throws {
        counts = try await connection.inspect(queue) { inspection in
            var counts: [String: Int] = [:]
            var receipts: [HeldReceipt] = []
            while let delivery = try await inspection.next() {
                for identity in Self.identities(delivery) { counts[identity, default: 0] += 1 }
                receipts.append(HeldReceipt(delivery))
            }
            try await inspection.putBack(receipts)
            return counts
        }
    }

    mutating func formUnion(_ other: MessageSet) { counts.merge(other.counts, uniquingKeysWith: +) }

    var isEmpty: Bool { counts.isEmpty }

    /// Removes one copy of a message.
    /// - Returns: `false` when the set has none.
    mutating func remove(_ delivery: Delivery) -> Bool {
        guard let identity = Self.identities(delivery).first, let count = counts[identity], count > 0 else {
            return false
        }
        counts[identity] = count - 1
        return true
    }

    /// The hash of what a publish sets, with and without the message id: a message without one gets an id when it is
    /// moved. The first is the one to search for.
    private static func identities(_ delivery: Delivery) -> [String] {
        var properties = delivery.message.moved(by: nil).properties
        let id = properties.messageID
        properties.messageID = nil
        let isDirect = UpgradeName.originalExchange(delivery.exchange).isEmpty
        var hash = ContentHash()
        hash.update("\(isDirect ? "" : delivery.routingKey)\u{0}\(properties.canonicalText)\u{0}".utf8)
        hash.update(delivery.message.body)
        let anonymous = hash.hexadecimal
        guard let id else { return [anonymous] }
        hash.update("\u{0}\(id)".utf8)
        return [hash.hexadecimal, anonymous]
    }
}

extension Message {
    /// The message as an upgrade publishes it: without the headers that the broker adds to a delivery, and without the
    /// name of another user, in whose name the broker accepts nothing.
    func moved(by user: String?) -> Message {
        var message = self
        message.properties.headers["x-delivery-count"] = nil
        if message.properties.userID != user { message.properties.userID = nil }
        return message
    }
}

extension MessageProperties {
    /// All properties as text, headers in the order of their names.
    fileprivate var canonicalText: String {
        var rest = self
        rest.headers = [:]
        return "\(rest)" + FieldValue.table(headers).canonicalText
    }
}

extension FieldValue {
    fileprivate var canonicalText: String {
        switch self {
        case .table(let fields):
            "{" + fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.canonicalText)" }.joined(separator: ",")
                + "}"
        case .array(let values): "[" + values.map(\.canonicalText).joined(separator: ",") + "]"
        case .bytes(let bytes): "bytes \(bytes)"
        default: "\(self)"
        }
    }
}
