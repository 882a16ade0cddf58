import Contracts
import Databases
import Foundation
import GRDB

extension Timestamp {
    /// Milliseconds since 1970, which is how the ledger stores times.
    var milliseconds: Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(Date(timeIntervalSince1970: Double(milliseconds) / 1000)) }
}

extension Row {
    /// Returns the time in a column.
    /// - Throws: `UnreadableRow` when the column is NULL or no number.
    func time(_ column: String) throws -> Timestamp { Timestamp(milliseconds: try value(column)) }

    /// Returns the time in a column, or `nil` when it is NULL.
    /// - Throws: `UnreadableRow` when the column is no number.
    func optionalTime(_ column: String) throws -> Timestamp? {
        try optionalValue(column).map { Timestamp(milliseconds: $0) }
    }

    /// Returns the job id in a column.
    /// - Throws: `UnreadableRow` when the column has no valid job id.
    func jobID(_ column: String) throws -> JobID {
        let text: String = try value(column)
        guard let id = JobID(text) else { throw UnreadableRow(column: column, reason: "is not a job id: '\(text)'") }
        return id
    }
}
