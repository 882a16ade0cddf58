import CRabbitMQ
import Foundation

// The synchronous calls of the protocol. The broker closes the channel of a call that it refuses (AMQP 0-9-1,
// section 2.2.9): the call throws, and its channel cannot be used any more.
extension WireConnection {
    func openChannel(_ channel: UInt16) throws(AMQPError) {
        amqp_channel_open(state, channel)
        try checkReply(channel)
    }

    func closeChannel(_ channel: UInt16) throws(AMQPError) {
        try check(amqp_channel_close(state, channel, Int32(AMQP_REPLY_SUCCESS)), of: channel)
    }

    func selectConfirms(_ channel: UInt16) throws(AMQPError) {
        amqp_confirm_select(state, channel)
        try checkReply(channel)
    }

    func declare(_ declaration: Declaration, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        switch declaration {
        case .exchange(let name, let type, let arguments):
            amqp_exchange_declare(
                state, channel, arena.bytes(name), arena.bytes(type), 0, 1, 0, 0, arena.table(arguments))
        case .queue(let name, let arguments):
            amqp_queue_declare(state, channel, arena.bytes(name), 0, 1, 0, 0, arena.table(arguments))
        case .binding(let queue, let exchange, let key):
            amqp_queue_bind(
                state, channel, arena.bytes(queue), arena.bytes(exchange), arena.bytes(key), amqp_empty_table)
        }
        try checkReply(channel)
    }

    /// Checks that an exchange or a queue exists, with any arguments. Bindings are not checked.
    /// - Throws: ``AMQPError`` `.notFound`.
    func checkExists(_ declaration: Declaration, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        switch declaration {
        case .exchange(let name, let type, _):
            amqp_exchange_declare(
                state, channel, arena.bytes(name), arena.bytes(type), 1, 1, 0, 0, amqp_empty_table)
        case .queue(let name, _):
            amqp_queue_declare(state, channel, arena.bytes(name), 1, 1, 0, 0, amqp_empty_table)
        case .binding:
            return
        }
        try checkReply(channel)
    }

    func queueStatus(_ queue: String, on channel: UInt16) throws(AMQPError) -> QueueStatus {
        defer { arena.reset() }
        let reply = amqp_queue_declare(state, channel, arena.bytes(queue), 1, 1, 0, 0, amqp_empty_table)
        try checkReply(channel)
        guard let reply else {
            throw AMQPError(.protocolError, "the broker sent no reply to a passive queue.declare of '\(queue)'")
        }
        return QueueStatus(ready: Int(reply.pointee.message_count), consumers: Int(reply.pointee.consumer_count))
    }

    func deleteQueue(_ queue: String, onlyIfEmpty: Bool, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        amqp_queue_delete(state, channel, arena.bytes(queue), 0, onlyIfEmpty ? 1 : 0)
        try checkReply(channel)
    }

    func deleteExchange(_ exchange: String, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        amqp_exchange_delete(state, channel, arena.bytes(exchange), 0)
        try checkReply(channel)
    }

    func unbind(queue: String, exchange: String, routingKey: String, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        amqp_queue_unbind(
            state, channel, arena.bytes(queue), arena.bytes(exchange), arena.bytes(routingKey), amqp_empty_table)
        try checkReply(channel)
    }

    func purgeQueue(_ queue: String, on channel: UInt16) throws(AMQPError) -> Int {
        defer { arena.reset() }
        let reply = amqp_queue_purge(state, channel, arena.bytes(queue))
        try checkReply(channel)
        return Int(reply?.pointee.message_count ?? 0)
    }

    func setPrefetch(_ count: Int, on channel: UInt16) throws(AMQPError) {
        // Per consumer, never global: RabbitMQ 4.3 refuses global prefetch.
        amqp_basic_qos(state, channel, 0, UInt16(clamping: count), 0)
        try checkReply(channel)
    }

    func consume(_ queue: String, tag: String, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        amqp_basic_consume(
            state, channel, arena.bytes(queue), arena.bytes(tag), 0, 0, 0, amqp_empty_table)
        try checkReply(channel)
    }

    func cancelConsumer(tag: String, on channel: UInt16) throws(AMQPError) {
        defer { arena.reset() }
        amqp_basic_cancel(state, channel, arena.bytes(tag))
        try checkReply(channel)
    }

    /// Fetches one message; `nil` if the queue is empty.
    func get(_ queue: String, on channel: UInt16) throws(AMQPError) -> WireDelivery? {
        defer { arena.reset() }
        amqp_maybe_release_buffers_on_channel(state, channel)
        let reply = amqp_basic_get(state, channel, arena.bytes(queue), 0)
        try check(reply, of: channel)
        guard reply.reply.id == hdm_basic_get_ok, let decoded = reply.reply.decoded else { return nil }
        let getOK = decoded.load(as: amqp_basic_get_ok_t.self)
        var delivery = WireDelivery(
            channel: channel, tag: getOK.delivery_tag, exchange: String(getOK.exchange),
            routingKey: String(getOK.routing_key), redelivered: getOK.redelivered != 0,
            remaining: Int(getOK.message_count), content: WireContent(message: Message(body: .init())))
        delivery.content = try readContent(on: channel, largestBody: largestBody)
        return delivery
    }

    private func checkReply(_ channel: UInt16) throws(AMQPError) {
        try check(amqp_get_rpc_reply(state), of: channel)
    }

    /// Throws the error of a failed call. Also acknowledges a channel close, because the channel number stays reserved
    /// until then.
    private func check(_ reply: amqp_rpc_reply_t, of channel: UInt16) throws(AMQPError) {
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        let error = AMQPError(reply, state: state)
        if reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, reply.reply.id == hdm_channel_close {
            try acknowledgeClose(of: channel)
        }
        throw error
    }
}
