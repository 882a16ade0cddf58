public import Contracts
import Databases
import Foundation
import GRDB

// Reading jobs and batches.
extension JobStore {
    /// Returns a page of jobs in the order of their insertion, newest first. So a job keeps its position while it changes.
    public func jobs(_ filter: JobFilter) async throws -> JobPage {
        try await writer.read { db in
            let condition = filter.condition
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM jobs \(condition.sql)", arguments: condition.arguments)
            let items = try db.readAll(
                "SELECT * FROM jobs \(condition.sql) ORDER BY number DESC LIMIT ? OFFSET ?",
                condition.arguments + [filter.limit, filter.offset], JobSummary.init)
            return JobPage(
                items: try items.map(db.addingProgress), total: total ?? 0, limit: filter.limit, offset: filter.offset)
        }
    }

    /// Returns a job with its timeline; `nil` when the ledger has no such job.
    public func job(_ id: JobID) async throws -> JobDetail? {
        try await writer.read { db in
            try db.readFirst("SELECT * FROM jobs WHERE job_id = ?", [id.text]) { row in
                // A document that a later, stricter version cannot read is left out. The rest is still shown.
                let document = try? row.optionallyDecoded("document") {
                    try ContractCoding.decode(JobDocument.self, from: $0)
                }
                return JobDetail(
                    summary: try db.addingProgress(JobSummary(row)), document: document,
                    sections: try db.sectionValues(of: id),
                    timeline: try db.readAll(
                        "SELECT * FROM timeline WHERE job_id = ? ORDER BY position, at", [id.text],
                        TimelineEntry.init))
            }
        }
    }

    /// Returns the state of a batch; `nil` when there is no such batch.
    public func batch(_ id: String) async throws -> BatchSummary? {
        let now = clock()
        return try await writer.read { db in try db.batch(id, at: now) }
    }

    /// Returns the ledger's knowledge about a job's match.
    public func match(_ id: JobID) async throws -> MatchReport {
        try await writer.read { db in
            MatchReport(
                job: try db.readFirst("SELECT * FROM jobs WHERE job_id = ?", [id.text], JobSummary.init),
                record: try db.readFirst("SELECT * FROM matches WHERE job_id = ?", [id.text], MatchRecord.init),
                review: try db.latestReview(of: id))
        }
    }

    /// Returns a page of jobs that ended because nothing was found, and that had neither an ISRC nor a Spotify id.
    ///
    /// Documents that cannot be read are left out.
    /// - Parameter number: The jobs follow this number.
    public func unmatchedJobs(after number: Int64, limit: Int) async throws -> UnmatchedJobs {
        try await writer.read { db in
            var (count, last) = (0, number)
            let items = try db.readAll(
                Self.unmatchedSQL,
                [
                    JobState.deadLetter.rawValue, number, ErrorCode.noMatch.rawValue, ErrorCode.noSource.rawValue,
                    limit,
                ]
            ) { row in
                count += 1
                last = try row.value("number")
                return try UnmatchedJob(row)
            }
            return UnmatchedJobs(items: items, next: count < limit ? nil : last)
        }
    }

    /// `json_extract` fails for text that is no JSON, so it is called for valid documents only.
    private static let unmatchedSQL = """
        SELECT number, document FROM jobs
        WHERE state = ? AND number > ? AND code IN (?, ?)
            AND CASE WHEN json_valid(CAST(document AS TEXT))
                THEN json_extract(CAST(document AS TEXT), '$.track.isrc') IS NULL
                    AND json_extract(CAST(document AS TEXT), '$.track.spotify_id') IS NULL
                ELSE 0 END
        ORDER BY number LIMIT ?
        """
}

/// A page of jobs that ended because nothing was found.
public struct UnmatchedJobs: Encodable, Sendable {
    public var items: [UnmatchedJob]
    /// The number after which the next page begins; `nil` at the end. Jobs that cannot be read count, too.
    public var next: Int64?
}

/// A job that ended because nothing was found, with the number by which the next page continues.
public struct UnmatchedJob: Encodable, Sendable {
    public var number: Int64
    public var job: JobDocument

    fileprivate init(_ row: Row) throws {
        number = try row.value("number")
        job = try row.decoded("document") { try ContractCoding.decode(JobDocument.self, from: $0) }
    }
}
