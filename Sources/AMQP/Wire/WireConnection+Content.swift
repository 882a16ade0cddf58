import CRabbitMQ
import Foundation

/// The content of a message as it was received.
struct WireContent {
    var message: Message
    var problem: DeliveryProblem?
}

// Reads the header and body frames that follow a delivery, a return or a get-ok. librabbitmq's amqp_read_message copies
// every body into memory, whatever its size.
extension WireConnection {
    /// Reads one content.
    /// - Parameter largestBody: A larger body is skipped, with the memory of one frame.
    /// - Throws: ``AMQPError`` `.connectionLost`.
    func readContent(on channel: UInt16, largestBody: Int) throws(AMQPError) -> WireContent {
        let header = try nextFrame(AMQP_FRAME_HEADER, on: channel).payload.properties
        guard let decoded = header.decoded else {
            throw AMQPError(.connectionLost, "the broker sent a message without properties")
        }
        var nesting = NestingLimit()
        let properties = MessageProperties(decoded.load(as: amqp_basic_properties_t.self), &nesting)
        let size = header.body_size
        guard size <= UInt64(largestBody) else {
            try skipBody(size, on: channel)
            return WireContent(
                message: Message(body: Data(), properties: properties),
                problem: .bodyTooLarge(Int(clamping: size)))
        }
        let message = Message(body: try readBody(Int(size), on: channel), properties: properties)
        return WireContent(message: message, problem: nesting.isExceeded ? .headersTooDeep : nil)
    }

    private func readBody(_ size: Int, on channel: UInt16) throws(AMQPError) -> Data {
        var body = Data(capacity: size)
        while body.count < size {
            let fragment = try nextFragment(on: channel)
            guard let bytes = fragment.bytes, body.count + fragment.len <= size else {
                throw AMQPError(.connectionLost, "the broker sent a body of another length than its header says")
            }
            body.append(bytes.assumingMemoryBound(to: UInt8.self), count: fragment.len)
        }
        return body
    }

    private func skipBody(_ size: UInt64, on channel: UInt16) throws(AMQPError) {
        var skipped: UInt64 = 0
        while skipped < size {
            // Frees the previous frame. Nothing points into the memory of the channel here.
            amqp_maybe_release_buffers_on_channel(state, channel)
            skipped += UInt64(try nextFragment(on: channel).len)
        }
    }

    private func nextFragment(on channel: UInt16) throws(AMQPError) -> amqp_bytes_t {
        try nextFrame(AMQP_FRAME_BODY, on: channel).payload.body_fragment
    }

    /// Waits for the next frame of a content. Methods that arrive before it on other channels are kept for
    /// ``nextEvent()``: librabbitmq queues them during a call such as basic.get. RabbitMQ sends each content without
    /// frames of other channels in between.
    private func nextFrame(_ type: Int32, on channel: UInt16) throws(AMQPError) -> amqp_frame_t {
        while true {
            var frame = amqp_frame_t()
            // Waits at most until the heartbeats of the broker are missing.
            try check(amqp_simple_wait_frame(state, &frame))
            if Int32(frame.frame_type) == type, frame.channel == channel { return frame }
            guard Int32(frame.frame_type) == AMQP_FRAME_METHOD, frame.channel != channel else {
                throw AMQPError(
                    .connectionLost, "the broker sent a frame of type \(frame.frame_type) inside a message")
            }
            keptEvents.append(try event(of: frame.payload.method, on: frame.channel))
        }
    }
}
