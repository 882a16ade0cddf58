public import Foundation
public import GRDB

extension Row {
    /// Returns the value of a column.
    ///
    /// GRDB's subscript stops the process when a value has another type; this function throws instead.
    /// - Throws: ``UnreadableRow`` when the column is missing, NULL or of another type.
    public func value<Value: DatabaseValueConvertible>(
        _ column: String, as type: Value.Type = Value.self
    ) throws -> Value {
        guard let value = try optionalValue(column, as: type) else {
            throw UnreadableRow(column: column, reason: "is NULL")
        }
        return value
    }

    /// Returns the value of a column, or `nil` when it is NULL.
    /// - Throws: ``UnreadableRow`` when the column is missing or of another type.
    public func optionalValue<Value: DatabaseValueConvertible>(
        _ column: String, as type: Value.Type = Value.self
    ) throws -> Value? {
        guard hasColumn(column) else { throw UnreadableRow(column: column, reason: "is not in the result") }
        let stored: DatabaseValue = self[column]
        guard !stored.isNull else { return nil }
        guard let value = Value.fromDatabaseValue(stored) else {
            throw UnreadableRow(column: column, reason: "is not a \(Value.self): \(stored)")
        }
        return value
    }

    /// Decodes the value of a column that holds an encoded document.
    /// - Throws: ``UnreadableRow`` when the column is NULL, or when `decode` throws.
    public func decoded<Value>(_ column: String, _ decode: (Data) throws -> Value) throws -> Value {
        let data: Data = try value(column)
        do {
            return try decode(data)
        } catch {
            throw UnreadableRow(column: column, reason: "cannot be decoded: \(error)")
        }
    }

    /// Decodes the value of a column that holds an encoded document, or returns `nil` when it is NULL.
    /// - Throws: ``UnreadableRow`` when `decode` throws.
    public func optionallyDecoded<Value>(_ column: String, _ decode: (Data) throws -> Value) throws -> Value? {
        guard try optionalValue(column, as: Data.self) != nil else { return nil }
        return try decoded(column, decode)
    }

    /// Returns the value of a column that holds the raw value of an enumeration.
    /// - Throws: ``UnreadableRow`` when the column is NULL or has an unknown raw value.
    public func enumeration<Value: RawRepresentable>(_ column: String, as type: Value.Type = Value.self) throws -> Value
    where Value.RawValue: DatabaseValueConvertible {
        let raw: Value.RawValue = try value(column)
        guard let value = Value(rawValue: raw) else {
            throw UnreadableRow(column: column, reason: "has the unknown value '\(raw)'")
        }
        return value
    }
}

extension Database {
    /// Reads every row of a query, and skips rows that cannot be read.
    ///
    /// So that one damaged row does not hide the others.
    /// - Parameters:
    ///   - skipped: Receives the reason for each skipped row.
    ///   - read: Turns a row into a value; it may throw ``UnreadableRow``.
    /// - Throws: `DatabaseError`, and every error of `read` other than ``UnreadableRow``.
    public func readAll<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(),
        skipped: (UnreadableRow) -> Void = { _ in }, _ read: (Row) throws -> Value
    ) throws -> [Value] {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var values: [Value] = []
        while let row = try rows.next() {
            do {
                values.append(try read(row))
            } catch let error as UnreadableRow {
                skipped(error)
            }
        }
        return values
    }

    /// Reads the first row of a query, or returns `nil` when there is none.
    /// - Throws: `DatabaseError`; ``UnreadableRow`` and every other error of `read`.
    public func readFirst<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ read: (Row) throws -> Value
    ) throws -> Value? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments).map(read)
    }
}

/// A row of a database has a value that this version of the program cannot read.
public struct UnreadableRow: Error, Sendable, CustomStringConvertible {
    public let column: String
    /// The rest of a sentence that begins with the column's name.
    public let reason: String

    /// Creates the error. `reason` continues a sentence that begins with the column's name.
    public init(column: String, reason: String) {
        self.column = column
        self.reason = reason
    }

    public var description: String { "column \(column) \(reason)" }
}
