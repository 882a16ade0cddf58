import CRabbitMQ

/// Memory for the arguments of one librabbitmq call; freed as a whole.
final class WireArena {
    private var pool = amqp_pool_t()

    init() { init_amqp_pool(&pool, 4096) }

    deinit { empty_amqp_pool(&pool) }

    /// Frees everything allocated since the last reset. Values from before the reset become invalid.
    func reset() { recycle_amqp_pool(&pool) }

    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    func bytes(_ values: [UInt8]) -> amqp_bytes_t {
        values.withUnsafeBytes { copy($0) }
    }

    func table(_ fields: FieldTable) -> amqp_table_t {
        guard !fields.isEmpty, let entries = array(of: amqp_table_entry_t.self, count: fields.count) else {
            return amqp_empty_table
        }
        for (index, field) in fields.enumerated() {
            entries[index] = amqp_table_entry_t(key: bytes(field.key), value: value(field.value))
        }
        return amqp_table_t(num_entries: Int32(fields.count), entries: entries)
    }

    private func value(_ field: FieldValue) -> amqp_field_value_t {
        var value = amqp_field_value_t()
        switch field {
        case .string(let text):
            value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            value.value.bytes = bytes(text)
        case .integer(let number):
            value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            value.value.i64 = number
        case .double(let number):
            value.kind = UInt8(AMQP_FIELD_KIND_F64.rawValue)
            value.value.f64 = number
        case .bool(let flag):
            value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            value.value.boolean = flag ? 1 : 0
        case .timestamp(let seconds):
            value.kind = UInt8(AMQP_FIELD_KIND_TIMESTAMP.rawValue)
            value.value.u64 = seconds
        case .bytes(let values):
            value.kind = UInt8(AMQP_FIELD_KIND_BYTES.rawValue)
            value.value.bytes = bytes(values)
        case .array(let elements):
            value.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            value.value.array = list(elements)
        case .table(let fields):
            value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            value.value.table = table(fields)
        case .void:
            value.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
        }
        return value
    }

    private func list(_ elements: [FieldValue]) -> amqp_array_t {
        guard let entries = array(of: amqp_field_value_t.self, count: elements.count) else {
            return amqp_array_t(num_entries: 0, entries: nil)
        }
        for (index, element) in elements.enumerated() { entries[index] = value(element) }
        return amqp_array_t(num_entries: Int32(elements.count), entries: entries)
    }

    private func array<Element>(of type: Element.Type, count: Int) -> UnsafeMutablePointer<Element>? {
        guard count > 0 else { return nil }
        return amqp_pool_alloc(&pool, MemoryLayout<Element>.stride * count)?.bindMemory(to: type, capacity: count)
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard source.count > 0, let target = amqp_pool_alloc(&pool, source.count), let base = source.baseAddress
        else { return amqp_empty_bytes }
        target.copyMemory(from: base, byteCount: source.count)
        return amqp_bytes_t(len: source.count, bytes: target)
    }
}
