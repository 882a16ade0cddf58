import CRabbitMQ
import Foundation

// Methods without a reply.
extension WireConnection {
    func publish(_ message: Message, exchange: String, key: String, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        var properties = message.properties.wire(in: arena)
        let exchange = arena.bytes(exchange)
        let key = arena.bytes(key)
        let status = message.body.withUnsafeBytes { body in
            let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            return amqp_basic_publish(state, channel, exchange, key, 1, 0, &properties, bytes)
        }
        try check(status)
    }

    func settle(_ tag: UInt64, _ settlement: Settlement, on channel: UInt16) throws(AMQPError) {
        switch settlement {
        case .ack: try check(amqp_basic_ack(state, channel, tag, 0))
        case .nack(let requeue): try check(amqp_basic_nack(state, channel, tag, 0, requeue ? 1 : 0))
        case .reject: try check(amqp_basic_reject(state, channel, tag, 0))
        }
    }
}
