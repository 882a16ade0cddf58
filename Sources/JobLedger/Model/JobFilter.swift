public import Contracts
import GRDB

/// Selects jobs for a list.
public struct JobFilter: Sendable, Equatable {
    /// Empty: all.
    public var states: [JobState]
    public var batchID: String?
    public var kind: JobKind?
    /// `true`: only monitored jobs; `false`: only others.
    public var standing: Bool?
    public var limit: Int
    public var offset: Int

    /// Creates a filter; the default selects the newest 20 jobs.
    public init(
        states: [JobState] = [], batchID: String? = nil, kind: JobKind? = nil, standing: Bool? = nil, limit: Int = 20,
        offset: Int = 0
    ) {
        self.states = states
        self.batchID = batchID
        self.kind = kind
        self.standing = standing
        self.limit = limit
        self.offset = offset
    }

    /// The `WHERE` clause, which may be empty, and its arguments.
    var condition: (sql: String, arguments: StatementArguments) {
        var terms: [String] = []
        var arguments = StatementArguments()
        if !states.isEmpty {
            terms.append("state IN (\(states.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(states.map(\.rawValue))
        }
        if let batchID {
            terms.append("batch_id = ?")
            arguments += [batchID]
        }
        if let kind {
            terms.append("kind = ?")
            arguments += [kind.rawValue]
        }
        if let standing { terms.append("standing = \(standing ? 1 : 0)") }
        return (terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND "), arguments)
    }
}

/// A page of jobs, newest first.
public struct JobPage: Encodable, Sendable {
    public var items: [JobSummary]
    /// How many jobs the filter selects.
    public var total: Int
    public var limit: Int
    public var offset: Int
}
