import CRabbitMQ
import Foundation

// Opens a connection: socket, TLS and login.
extension WireConnection {
    func open(_ address: BrokerAddress, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        guard let socket = address.usesTLS ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state) else {
            throw AMQPError(.couldNotConnect, "librabbitmq could not allocate a socket")
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
        else {
            throw AMQPError(.tlsFailed, "TLS 1.2 or later is not available in librabbitmq; install a newer OpenSSL")
        }
        guard amqp_ssl_socket_set_cacert(socket, tls.caFile) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                .tlsFailed, "cannot read the certificate authorities in \(tls.caFile); check that the PEM file exists")
        }
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            guard amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(
                    .tlsFailed, "cannot read the certificate \(certificate) or its key \(key); check both PEM files")
            }
        }
    }

    func login(_ address: BrokerAddress, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        // Without these capabilities the broker does not report memory alarms and deleted queues.
        let capabilities: FieldTable = ["connection.blocked": true, "consumer_cancel_notify": true]
        var properties = arena.table([
            "connection_name": .string(configuration.name), "capabilities": .table(capabilities),
        ])
        let heartbeat = Int32(max(1, configuration.heartbeat / .seconds(1)))
        // RabbitMQ 4.1 refuses a maximum below 8192 bytes; 131072 is RabbitMQ's own default.
        let reply = hdm_login_plain(
            state, address.vhost, 0, 131_072, heartbeat, &properties, address.user, address.password)
        arena.reset()
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw Self.loginError(reply, address) }
        if let server = amqp_get_server_properties(state) {
            var nesting = NestingLimit()
            serverVersion = FieldTable(server.pointee, &nesting)["version"]?.stringValue ?? ""
        }
    }

    private static func loginError(_ reply: amqp_rpc_reply_t, _ address: BrokerAddress) -> AMQPError {
        let error = AMQPError(reply, state: nil)
        if error.code == .accessRefused {
            return AMQPError(
                .accessRefused,
                "\(address): the broker refused user, password or vhost (\(error.message)); check HDM_AMQP_URL")
        }
        return AMQPError(.couldNotConnect, "\(address): \(error.message)")
    }
}

extension timeval {
    init(_ duration: Duration) {
        let parts = duration.components
        self.init(tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
    }
}
