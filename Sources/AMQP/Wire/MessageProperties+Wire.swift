import CRabbitMQ

extension MessageProperties {
    /// Copies the properties that the broker sent, and headers only down to a limit.
    init(_ wire: amqp_basic_properties_t, _ nesting: inout NestingLimit) {
        let flags = Int32(bitPattern: wire._flags)
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? { flags & flag != 0 ? String(bytes) : nil }
        contentType = text(AMQP_BASIC_CONTENT_TYPE_FLAG, wire.content_type)
        contentEncoding = text(AMQP_BASIC_CONTENT_ENCODING_FLAG, wire.content_encoding)
        correlationID = text(AMQP_BASIC_CORRELATION_ID_FLAG, wire.correlation_id)
        replyTo = text(AMQP_BASIC_REPLY_TO_FLAG, wire.reply_to)
        expiration = text(AMQP_BASIC_EXPIRATION_FLAG, wire.expiration)
        messageID = text(AMQP_BASIC_MESSAGE_ID_FLAG, wire.message_id)
        type = text(AMQP_BASIC_TYPE_FLAG, wire.type)
        userID = text(AMQP_BASIC_USER_ID_FLAG, wire.user_id)
        appID = text(AMQP_BASIC_APP_ID_FLAG, wire.app_id)
        isPersistent = flags & AMQP_BASIC_DELIVERY_MODE_FLAG != 0 && wire.delivery_mode == 2
        if flags & AMQP_BASIC_PRIORITY_FLAG != 0 { priority = wire.priority }
        if flags & AMQP_BASIC_TIMESTAMP_FLAG != 0 { timestamp = wire.timestamp }
        if flags & AMQP_BASIC_HEADERS_FLAG != 0 { headers = FieldTable(wire.headers, &nesting) }
    }

    /// Returns the properties for librabbitmq; valid until the arena is reset.
    func wire(in arena: WireArena) -> amqp_basic_properties_t {
        var wire = amqp_basic_properties_t()
        var flags: Int32 = AMQP_BASIC_DELIVERY_MODE_FLAG
        func set(_ text: String?, _ flag: Int32, _ field: WritableKeyPath<amqp_basic_properties_t, amqp_bytes_t>) {
            guard let text else { return }
            wire[keyPath: field] = arena.bytes(text)
            flags |= flag
        }
        wire.delivery_mode = isPersistent ? 2 : 1
        set(contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, \.content_type)
        set(contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG, \.content_encoding)
        set(correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, \.correlation_id)
        set(replyTo, AMQP_BASIC_REPLY_TO_FLAG, \.reply_to)
        set(expiration, AMQP_BASIC_EXPIRATION_FLAG, \.expiration)
        set(messageID, AMQP_BASIC_MESSAGE_ID_FLAG, \.message_id)
        set(type, AMQP_BASIC_TYPE_FLAG, \.type)
        set(userID, AMQP_BASIC_USER_ID_FLAG, \.user_id)
        set(appID, AMQP_BASIC_APP_ID_FLAG, \.app_id)
        if let priority {
            wire.priority = priority
            flags |= AMQP_BASIC_PRIORITY_FLAG
        }
        if let timestamp {
            wire.timestamp = timestamp
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
        }
        if !headers.isEmpty {
            wire.headers = arena.table(headers)
            flags |= AMQP_BASIC_HEADERS_FLAG
        }
        wire._flags = amqp_flags_t(bitPattern: flags)
        return wire
    }
}
