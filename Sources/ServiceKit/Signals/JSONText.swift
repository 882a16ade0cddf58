import Contracts
import Logging

extension JSONValue {
    /// Converts a log value. A value of an unknown type becomes its description.
    init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .stringConvertible(let value): self = JSONValue(describing: value)
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .dictionary(let values): self = .object(values.mapValues { JSONValue($0) })
        }
    }

    private init(describing value: any CustomStringConvertible) {
        switch value {
        case let number as Int: self = .integer(Int64(number))
        case let number as Int64: self = .integer(number)
        case let number as Double: self = .number(number)
        case let flag as Bool: self = .bool(flag)
        default: self = .string(value.description)
        }
    }
}

/// JSON text of log values. It is written without an encoder because every log line needs it.
enum JSONText {
    static func of(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): number.isFinite ? String(number) : "null"
        case .string(let text): quoted(text)
        case .array(let values): "[" + values.map(of).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(of($1))" }.joined(separator: ",") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "\"") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default: append(scalar, to: &result)
            }
        } + "\""
    }

    /// Escapes control characters as in JSON, so that the text stays on one line.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { append($1, to: &$0) }
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let hex = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: result.unicodeScalars.append(scalar)
        }
    }
}
