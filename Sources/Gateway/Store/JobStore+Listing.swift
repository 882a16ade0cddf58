import Contracts
import Foundation
import GRDB

/// Which jobs to list.
struct JobFilter: Sendable, Equatable {
    /// Empty: all.
    var states: [JobState] = []
    var batchID: String?
    var kind: JobKind?
    /// Only standing jobs, or only others.
    var standing: Bool?
    var limit = 20
    var offset = 0
}

/// One page of a list of jobs, newest first.
struct JobPage: Encodable, Sendable {
    var items: [JobSummary]
    /// How many jobs fit the filter.
    var total: Int
    var limit: Int
    var offset: Int
}

// Looking.
extension JobStore {
    /// A page of jobs in the order in which the gateway learned of them, newest first: a job keeps its place while it
    /// changes.
    func jobs(_ filter: JobFilter) async throws -> JobPage {
        try await writer.read { db in
            let (condition, arguments) = Self.condition(filter)
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM jobs \(condition)", arguments: arguments) ?? 0
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM jobs \(condition) ORDER BY number DESC LIMIT ? OFFSET ?",
                arguments: arguments + [filter.limit, filter.offset])
            let items = try Self.withProgress(rows.compactMap(JobSummary.init), db)
            return JobPage(items: items, total: total, limit: filter.limit, offset: filter.offset)
        }
    }

    /// A job with its history; `nil` when the gateway never heard of it.
    func job(_ id: JobID) async throws -> JobDetail? {
        try await writer.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT * FROM jobs WHERE job_id = ?", arguments: [id.text])
            guard let summary = try Self.withProgress([row.flatMap(JobSummary.init)].compactMap(\.self), db).first,
                let row
            else { return nil }
            let events = try Row.fetchAll(
                db, sql: "SELECT * FROM timeline WHERE job_id = ? ORDER BY position, at", arguments: [id.text])
            // One that a stricter, later contract cannot read is left out; the rest of the job is still shown.
            let document = (row["document"] as Data?).flatMap {
                try? ContractCoding.decode(JobDocument.self, from: $0)
            }
            return JobDetail(summary: summary, document: document, timeline: events.map(TimelineEntry.init))
        }
    }

    private static func condition(_ filter: JobFilter) -> (String, StatementArguments) {
        var terms: [String] = []
        var arguments = StatementArguments()
        if !filter.states.isEmpty {
            terms.append("state IN (\(filter.states.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(filter.states.map(\.rawValue))
        }
        if let batch = filter.batchID {
            terms.append("batch_id = ?")
            arguments += [batch]
        }
        if let kind = filter.kind {
            terms.append("kind = ?")
            arguments += [kind.rawValue]
        }
        if let standing = filter.standing { terms.append("standing = \(standing ? 1 : 0)") }
        return (terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND "), arguments)
    }
}
