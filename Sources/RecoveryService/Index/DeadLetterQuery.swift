import Contracts
import GRDB

/// Which entries of the index a list shows, and in which order.
struct DeadLetterQuery: Sendable, Equatable {
    /// The raw values are columns, and words of the API.
    enum Order: String, CaseIterable, Sendable {
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    var page = 1
    var pageSize = 25
    var order = Order.createdAt
    var isAscending = false
    /// A reason code, or a part of the error's text.
    var reason: String?
    var stage: String?
    var from: Timestamp?
    var to: Timestamp?
    var includesGone = false
}

/// The SQL condition of a ``DeadLetterQuery``.
struct DeadLetterFilter: Sendable {
    private(set) var sql = "requeued_at IS NULL AND purged_at IS NULL"
    private(set) var arguments = StatementArguments()

    init(_ query: DeadLetterQuery) {
        if !query.includesGone {
            let limit = Timestamp.now + (.zero - DeadLetterPresence.patience)
            add("(missing_since IS NULL OR missing_since > ?)", [limit.description])
        }
        if let stage = query.stage { add("stage = ?", [stage]) }
        if let from = query.from { add("created_at >= ?", [from.description]) }
        if let to = query.to { add("created_at <= ?", [to.description]) }
        if let reason = query.reason {
            add("(reason = ? OR instr(lower(error), lower(?)) > 0)", [reason, reason])
        }
    }

    private mutating func add(_ condition: String, _ values: StatementArguments) {
        sql += " AND " + condition
        arguments += values
    }
}
