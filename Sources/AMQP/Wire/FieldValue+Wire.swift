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

extension FieldTable {
    /// Copies the table. If a name occurs twice, the last value is used.
    init(_ table: amqp_table_t) {
        self.init(minimumCapacity: Int(table.num_entries))
        for index in 0..<Int(table.num_entries) {
            let entry = table.entries[index]
            self[String(entry.key)] = FieldValue(entry.value)
        }
    }
}

extension FieldValue {
    /// Copies the value. Decimals are not supported and become `.void`.
    init(_ field: amqp_field_value_t) {
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
        case AMQP_FIELD_KIND_TABLE: self = .table(FieldTable(value.table))
        case AMQP_FIELD_KIND_ARRAY:
            self = .array((0..<Int(value.array.num_entries)).map { FieldValue(value.array.entries[$0]) })
        default: self = .void
        }
    }
}
