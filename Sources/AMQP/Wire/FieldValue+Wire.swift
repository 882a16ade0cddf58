import CRabbitMQ
import Foundation

extension String {
    /// Copies the bytes. Invalid UTF-8 is repaired, because any client can send headers.
    init(_ bytes: amqp_bytes_t) {
        self = String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension Data {
    /// Copies the bytes.
    init(_ bytes: amqp_bytes_t) {
        self = Data(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
    }
}

/// Limits how deep tables and arrays are copied. A frame has room for more than 20 000 levels, and every later use of
/// the copy would be as deep a recursion.
struct NestingLimit {
    fileprivate var level = 0
    /// Whether something was left out.
    private(set) var isExceeded = false

    fileprivate var isAtLimit: Bool { level >= DeliveryProblem.nestingLimit }

    /// Returns what replaces a table or array at the limit.
    fileprivate mutating func leftOut() -> FieldValue {
        isExceeded = true
        return .void
    }
}

extension FieldTable {
    /// Copies the table. If a name occurs twice, the last value is used.
    init(_ table: amqp_table_t, _ nesting: inout NestingLimit) {
        nesting.level += 1
        defer { nesting.level -= 1 }
        self.init(minimumCapacity: Int(table.num_entries))
        for index in 0..<Int(table.num_entries) {
            let entry = table.entries[index]
            self[String(entry.key)] = FieldValue(entry.value, &nesting)
        }
    }
}

extension FieldValue {
    /// Copies the value. Decimals are not supported and become `.void`.
    init(_ field: amqp_field_value_t, _ nesting: inout NestingLimit) {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8: self = .string(String(value.bytes))
        case AMQP_FIELD_KIND_BYTES: self = .bytes([UInt8](Data(value.bytes)))
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .integer(Int64(value.i8))
        case AMQP_FIELD_KIND_U8: self = .integer(Int64(value.u8))
        case AMQP_FIELD_KIND_I16: self = .integer(Int64(value.i16))
        case AMQP_FIELD_KIND_U16: self = .integer(Int64(value.u16))
        case AMQP_FIELD_KIND_I32: self = .integer(Int64(value.i32))
        case AMQP_FIELD_KIND_U32: self = .integer(Int64(value.u32))
        case AMQP_FIELD_KIND_I64: self = .integer(value.i64)
        case AMQP_FIELD_KIND_U64: self = .integer(Int64(clamping: value.u64))
        case AMQP_FIELD_KIND_F32: self = .double(Double(value.f32))
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(value.u64)
        case AMQP_FIELD_KIND_TABLE:
            self = nesting.isAtLimit ? nesting.leftOut() : .table(FieldTable(value.table, &nesting))
        case AMQP_FIELD_KIND_ARRAY:
            self = nesting.isAtLimit ? nesting.leftOut() : .array(Self.elements(value.array, &nesting))
        default: self = .void
        }
    }

    private static func elements(_ array: amqp_array_t, _ nesting: inout NestingLimit) -> [FieldValue] {
        nesting.level += 1
        defer { nesting.level -= 1 }
        var elements: [FieldValue] = []
        elements.reserveCapacity(Int(array.num_entries))
        for index in 0..<Int(array.num_entries) { elements.append(FieldValue(array.entries[index], &nesting)) }
        return elements
    }
}
