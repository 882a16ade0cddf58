import Contracts
import Databases
import Foundation
import GRDB

extension Row {
    /// Returns the time in a column that holds milliseconds since 1970.
    /// - Throws: `UnreadableRow`.
    func time(_ column: String) throws -> Timestamp { Timestamp(milliseconds: try value(column)) }

    /// Returns the time in a column, or `nil` when it is NULL.
    /// - Throws: `UnreadableRow`.
    func optionalTime(_ column: String) throws -> Timestamp? {
        try optionalValue(column).map { Timestamp(milliseconds: $0) }
    }

    /// - Throws: `UnreadableRow`.
    func jobID(_ column: String) throws -> JobID {
        let text: String = try value(column)
        guard let id = JobID(text) else { throw UnreadableRow(column: column, reason: "is not an id: '\(text)'") }
        return id
    }

    /// - Throws: `UnreadableRow`.
    func link(_ column: String) throws -> CatalogueLink {
        let text: String = try value(column)
        do throws(CatalogueLinkError) {
            return try CatalogueLink(text)
        } catch {
            throw UnreadableRow(column: column, reason: "is not a link: \(error)")
        }
    }

    /// Decodes the JSON document in a column.
    /// - Throws: `UnreadableRow`.
    func json<Value: Decodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        try decoded(column) { try ContractCoding.decode(Value.self, from: $0) }
    }

    /// Decodes the JSON document in a column, or returns `nil` when it is NULL.
    /// - Throws: `UnreadableRow`.
    func optionalJSON<Value: Decodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value? {
        try optionallyDecoded(column) { try ContractCoding.decode(Value.self, from: $0) }
    }

    /// The columns `code` and `message` of a task; `nil` when nothing is wrong.
    /// - Throws: `UnreadableRow`.
    func problem() throws -> TaskProblem? {
        guard let code: String = try optionalValue("code") else { return nil }
        return TaskProblem(code: code, message: try optionalValue("message") ?? "")
    }
}

/// Why a task waits or failed.
typealias TaskProblem = ExpansionEvent.Problem

extension Timestamp {
    /// Milliseconds since 1970, as the database stores times.
    var milliseconds: Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(Date(timeIntervalSince1970: Double(milliseconds) / 1000)) }
}
