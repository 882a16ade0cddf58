/// A value in a table of headers or arguments (AMQP 0-9-1, section 4.2.5.5, with RabbitMQ's errata).
public enum FieldValue: Sendable, Equatable {
    case string(String)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    /// Seconds since 1970.
    case timestamp(UInt64)
    case bytes([UInt8])
    case array([FieldValue])
    case table(FieldTable)
    case void

    /// The text; `nil` for other types.
    public var stringValue: String? { if case .string(let text) = self { text } else { nil } }

    /// The whole number, also if a client sent it as text; `nil` for other values.
    public var integerValue: Int64? {
        switch self {
        case .integer(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }
}

/// Headers or arguments by name.
public typealias FieldTable = [String: FieldValue]

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
