import CRabbitMQ
import DequeModule
import Foundation

// Reads frames that the broker sends.
extension WireConnection {
    /// Returns the next event without waiting; `nil` if the broker sent nothing. Also sends heartbeats that are due.
    /// - Throws: ``AMQPError`` `.connectionLost`, also if the broker sent nothing for two heartbeat intervals.
    func nextEvent() throws(AMQPError) -> WireEvent? {
        if let event = keptEvents.popFirst() { return event }
        amqp_maybe_release_buffers(state)
        var frame = amqp_frame_t()
        var noTime = Foundation.timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &noTime)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.connectionLost, Self.text(status)) }
        guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { return .other }
        return try event(of: frame.payload.method, on: frame.channel)
    }

    func event(of method: amqp_method_t, on channel: UInt16) throws(AMQPError) -> WireEvent {
        guard let decoded = method.decoded else { return .other }
        switch method.id {
        case hdm_basic_deliver:
            return .delivered(try delivery(decoded.load(as: amqp_basic_deliver_t.self), on: channel))
        case hdm_basic_ack:
            let ack = decoded.load(as: amqp_basic_ack_t.self)
            return .confirmed(sequence: ack.delivery_tag, multiple: ack.multiple != 0, refused: false)
        case hdm_basic_nack:
            let nack = decoded.load(as: amqp_basic_nack_t.self)
            return .confirmed(sequence: nack.delivery_tag, multiple: nack.multiple != 0, refused: true)
        case hdm_basic_return:
            let returned = decoded.load(as: amqp_basic_return_t.self)
            // Copied before the content is read, for the same reason as in a delivery.
            let (exchange, key) = (String(returned.exchange), String(returned.routing_key))
            let reason = String(returned.reply_text)
            // Only the id is of use: the publisher has the message.
            let id = try readContent(on: channel, largestBody: 0).message.properties.messageID
            return .returned(PublishIdentity(messageID: id, exchange: exchange, routingKey: key), reason: reason)
        case hdm_basic_cancel:
            return .consumerCancelled(channel: channel)
        case hdm_channel_close:
            let close = decoded.load(as: amqp_channel_close_t.self)
            let error = AMQPError(replyCode: close.reply_code, text: String(close.reply_text))
            try acknowledgeClose(of: channel)
            return .channelClosed(channel: channel, error)
        case hdm_connection_close:
            let close = decoded.load(as: amqp_connection_close_t.self)
            return .connectionClosed(
                AMQPError(.connectionLost, "the broker closed the connection: \(String(close.reply_text))"))
        case hdm_connection_blocked:
            return .blocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case hdm_connection_unblocked:
            return .unblocked
        default:
            return .other
        }
    }

    private func delivery(_ method: amqp_basic_deliver_t, on channel: UInt16) throws(AMQPError) -> WireDelivery {
        // Copied before the content is read: reading can reuse the memory that the method points into.
        var delivery = WireDelivery(
            channel: channel, tag: method.delivery_tag, exchange: String(method.exchange),
            routingKey: String(method.routing_key), redelivered: method.redelivered != 0, remaining: nil,
            content: WireContent(message: Message(body: Data())))
        delivery.content = try readContent(on: channel, largestBody: largestBody)
        return delivery
    }

    func acknowledgeClose(of channel: UInt16) throws(AMQPError) {
        var closeOK = amqp_channel_close_ok_t()
        try check(amqp_send_method(state, channel, hdm_channel_close_ok, &closeOK))
    }
}
