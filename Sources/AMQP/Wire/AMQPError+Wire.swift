import CRabbitMQ

extension AMQPError {
    /// Converts the reply of a failed call. If the broker closed the channel or connection, its reply code decides.
    init(_ reply: amqp_rpc_reply_t, state: amqp_connection_state_t?) {
        switch reply.reply_type {
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            let timedOut = reply.library_error == AMQP_STATUS_TIMEOUT.rawValue
            self.init(timedOut ? .timedOut : .connectionLost, WireConnection.text(reply.library_error))
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            self = AMQPError.server(reply.reply)
        default:
            self.init(.protocolError, "librabbitmq returned an unexpected reply type")
        }
    }

    /// Converts a reply code of the broker (AMQP 0-9-1, section 1.2, reply codes).
    init(replyCode: UInt16, text: String) {
        let code: Code =
            switch replyCode {
            case 403, 530: .accessRefused
            case 404: .notFound
            case 406: .preconditionFailed
            case 312, 313: .unroutable
            case 320: .connectionLost
            default: .protocolError
            }
        self.init(code, text)
    }

    private static func server(_ method: amqp_method_t) -> AMQPError {
        guard let decoded = method.decoded else {
            return AMQPError(.protocolError, "the broker closed the channel without a reason")
        }
        switch method.id {
        case hdm_channel_close:
            let close = decoded.load(as: amqp_channel_close_t.self)
            return AMQPError(replyCode: close.reply_code, text: String(close.reply_text))
        case hdm_connection_close:
            let close = decoded.load(as: amqp_connection_close_t.self)
            return AMQPError(replyCode: close.reply_code, text: String(close.reply_text))
        default:
            return AMQPError(.protocolError, "the broker sent the unexpected method \(method.id)")
        }
    }
}
