import Contracts
import Foundation
import GRDB

/// A page of `GET /api/v1/internal/handover/{table}` of the gateway.
struct HandoverPage: Codable, Sendable {
    struct Row: Codable, Sendable {
        var rowid: Int64
        /// The columns by name; a blob is `{"base64": …}`.
        var values: [String: JSONValue]

        /// The value of a column as the database stores it.
        func databaseValue(_ column: String) -> DatabaseValue {
            switch values[column] {
            case nil, .null: return .null
            case .string(let text): return text.databaseValue
            case .bool(let flag): return flag.databaseValue
            case .array: return .null
            case .object(let members):
                return members["base64"]?.stringValue.flatMap { Data(base64Encoded: $0) }
                    .map(\.databaseValue) ?? .null
            case let number?:
                if let integer = number.integerValue { return integer.databaseValue }
                return .null
            }
        }
    }

    var rows: [Row]
    /// The row after which the next page begins; `nil` at the end.
    var next: Int64?
}
