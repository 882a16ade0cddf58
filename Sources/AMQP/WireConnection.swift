import CRabbitMQ
import Foundation

/// One open connection to the broker. Belongs to one thread, as librabbitmq asks; every call may block up to the call
/// timeout, but for ``nextEvent()``, which does not wait.
final class WireConnection {
    let state: amqp_connection_state_t
    let arena = WireArena()
    let callTimeout: Duration
    /// RabbitMQ's version, as it says in `connection.start`.
    private(set) var serverVersion = ""

    /// Connects and logs in.
    init(_ address: BrokerAddress, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(.couldNotConnect, "out of memory") }
        self.state = state
        callTimeout = configuration.callTimeout
        // When one of these throws, deinit frees the connection.
        try open(address, configuration)
        try login(address, configuration)
    }

    deinit { amqp_destroy_connection(state) }

    /// The highest channel number that the broker agreed to.
    var highestChannel: UInt16 {
        let highest = UInt16(clamping: amqp_get_channel_max(state))
        // AMQP 0-9-1, connection.tune: zero means no limit.
        return highest == 0 ? .max : highest
    }

    /// The largest frame that the broker agreed to, in bytes.
    var largestFrame: Int { Int(amqp_get_frame_max(state)) }

    var fileDescriptor: Int32 { amqp_get_sockfd(state) }

    /// Whether a whole or partial frame waits in memory, which no poll of the socket would tell.
    var hasBufferedInput: Bool { amqp_data_in_buffer(state) != 0 || amqp_frames_enqueued(state) != 0 }

    /// Says goodbye and waits for the broker's answer, which follows everything sent before.
    func close() { _ = amqp_connection_close(state, Int32(AMQP_REPLY_SUCCESS)) }
}

// MARK: - Opening

extension WireConnection {
    private func open(_ address: BrokerAddress, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        guard let socket = address.usesTLS ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state) else {
            throw AMQPError(.couldNotConnect, "no socket could be made")
        }
        if address.usesTLS { try secure(socket, configuration.tls) }
        var timeout = timeval(configuration.connectTimeout)
        amqp_set_handshake_timeout(state, &timeout)
        var callTimeout = timeval(configuration.callTimeout)
        amqp_set_rpc_timeout(state, &callTimeout)
        let status = amqp_socket_open_noblock(socket, address.host, Int32(address.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else {
            let code: AMQPError.Code = Self.isTLS(status) ? .tlsFailed : .couldNotConnect
            throw AMQPError(code, "\(address): \(Self.text(status))")
        }
    }

    private func secure(_ socket: OpaquePointer, _ tls: TLSConfiguration) throws(AMQPError) {
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        guard amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == AMQP_STATUS_OK.rawValue
        else { throw AMQPError(.tlsFailed, "TLS 1.2 or later is not available") }
        guard amqp_ssl_socket_set_cacert(socket, tls.caFile) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(.tlsFailed, "the certificate authorities in \(tls.caFile) cannot be read")
        }
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            guard amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(.tlsFailed, "the certificate \(certificate) or its key cannot be read")
            }
        }
    }

    private func login(_ address: BrokerAddress, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        // Without these the broker says nothing of memory alarms and of deleted queues.
        let capabilities: FieldTable = ["connection.blocked": true, "consumer_cancel_notify": true]
        var properties = arena.table([
            "connection_name": .string(configuration.name), "capabilities": .table(capabilities),
        ])
        let heartbeat = Int32(max(1, configuration.heartbeat / .seconds(1)))
        // RabbitMQ 4.1 refuses frames below 8192 bytes; 131072 is its own proposal.
        let reply = hdm_login_plain(
            state, address.vhost, 0, 131_072, heartbeat, &properties, address.user, address.password)
        arena.reset()
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw Self.loginError(reply, address) }
        if let server = amqp_get_server_properties(state) {
            serverVersion = FieldTable(server.pointee)["version"]?.stringValue ?? ""
        }
    }

    private static func loginError(_ reply: amqp_rpc_reply_t, _ address: BrokerAddress) -> AMQPError {
        let error = AMQPError(reply, state: nil)
        if error.code == .accessRefused {
            return AMQPError(
                .accessRefused, "\(address): user, password or vhost refused (\(error.message)); check HDM_AMQP_URL")
        }
        return AMQPError(.couldNotConnect, "\(address): \(error.message)")
    }
}

// MARK: - Receiving

extension WireConnection {
    /// The next thing the broker has sent; `nil` when nothing is there. Also sends heartbeats that are due.
    /// - Throws: ``AMQPError`` `.connectionLost`, also when the broker has been silent for two heartbeats.
    func nextEvent() throws(AMQPError) -> WireEvent? {
        amqp_maybe_release_buffers(state)
        var frame = amqp_frame_t()
        var noTime = Foundation.timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &noTime)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.connectionLost, Self.text(status)) }
        guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { return .other }
        return try event(of: frame.payload.method, on: frame.channel)
    }

    private func event(of method: amqp_method_t, on channel: UInt16) throws(AMQPError) -> WireEvent {
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
            let found = decoded.load(as: amqp_basic_return_t.self)
            // Copied before the content is read, as in a delivery.
            let (exchange, key) = (String(found.exchange), String(found.routing_key))
            let reason = String(found.reply_text)
            let id = try readMessage(on: channel).properties.messageID
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
            return .connectionClosed(AMQPError(.connectionLost, "closed by the broker: \(String(close.reply_text))"))
        case hdm_connection_blocked:
            return .blocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case hdm_connection_unblocked:
            return .unblocked
        default:
            return .other
        }
    }

    private func delivery(_ method: amqp_basic_deliver_t, on channel: UInt16) throws(AMQPError) -> WireDelivery {
        // Copied before the content is read: reading may reuse the memory that the method points into.
        var delivery = WireDelivery(
            channel: channel, tag: method.delivery_tag, exchange: String(method.exchange),
            routingKey: String(method.routing_key), redelivered: method.redelivered != 0, remaining: nil,
            message: Message(body: Data()))
        delivery.message = try readMessage(on: channel)
        return delivery
    }

    /// Reads the header and body frames that follow a delivery, a return or a get-ok.
    func readMessage(on channel: UInt16) throws(AMQPError) -> Message {
        var wire = amqp_message_t()
        let reply = amqp_read_message(state, channel, &wire, 0)
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw AMQPError(reply, state: state).asLost }
        defer { amqp_destroy_message(&wire) }
        return Message(body: Data(wire.body), properties: MessageProperties(wire.properties))
    }

    func acknowledgeClose(of channel: UInt16) throws(AMQPError) {
        var closeOK = amqp_channel_close_ok_t()
        try check(amqp_send_method(state, channel, hdm_channel_close_ok, &closeOK))
    }
}

// MARK: - Statuses

extension WireConnection {
    /// SerialGate a status of librabbitmq into an error of the connection.
    func check(_ status: Int32) throws(AMQPError) {
        guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.connectionLost, Self.text(status)) }
    }

    static func text(_ status: Int32) -> String { String(cString: amqp_error_string2(status)) }

    private static func isTLS(_ status: Int32) -> Bool {
        [
            AMQP_STATUS_SSL_ERROR.rawValue, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue,
            AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue,
        ].contains(status)
    }
}

extension timeval {
    init(_ duration: Duration) {
        let parts = duration.components
        self.init(tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
    }
}
