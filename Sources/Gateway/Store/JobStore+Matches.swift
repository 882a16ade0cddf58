import Contracts
import Foundation
import GRDB

/// How the match stage decided about a job.
struct MatchRecord: Sendable {
    var decision: MatchSection
    var at: Timestamp
}

/// What is known of a job's match.
struct MatchReport: Sendable {
    /// `nil` when the gateway never heard of the job.
    var job: JobSummary?
    /// `nil` when the job has not been judged yet.
    var record: MatchRecord?
    var review: Review?
}

// Decisions of the match stage.
extension JobStore {
    /// What is known of a job's match.
    func match(_ id: JobID) async throws -> MatchReport {
        try await writer.read { db in
            let job = try Row.fetchOne(db, sql: "SELECT * FROM jobs WHERE job_id = ?", arguments: [id.text])
            let match = try Row.fetchOne(db, sql: "SELECT * FROM matches WHERE job_id = ?", arguments: [id.text])
            return MatchReport(
                job: job.flatMap(JobSummary.init), record: try match.map { try MatchRecord($0) },
                review: try Review.latest(of: id, db))
        }
    }

    /// Keeps a decision, unless a later one is known.
    static func keep(
        _ decision: JSONValue, of job: JobID, _ position: EventPosition, at moment: Timestamp, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO matches (job_id, position, decision, at) VALUES (?, ?, ?, ?)
                ON CONFLICT (job_id) DO UPDATE SET
                    position = excluded.position, decision = excluded.decision, at = excluded.at
                WHERE excluded.position > position
                """
        ).execute(arguments: [
            job.text, position.value,
            String(decoding: try ContractCoding.encode(decision, sorted: true), as: UTF8.self), moment.milliseconds,
        ])
    }
}

extension MatchRecord {
    fileprivate init(_ row: Row) throws {
        decision = try ContractCoding.decode(MatchSection.self, from: Data((row["decision"] as String).utf8))
        at = Timestamp(milliseconds: row["at"])
    }
}

extension JobEvent {
    /// Takes the match stage's decision out of the event's data, so that it is kept once and not in every history.
    /// - Returns: the decision, with an outcome; `nil` when the event holds none that can be read.
    mutating func takeDecision() -> JSONValue? {
        guard stage == .match, case .object(var decision)? = data?["match"], Self.isDecision(decision) else {
            return nil
        }
        data?.removeValue(forKey: "match")
        if data?.isEmpty == true { data = nil }
        if decision["outcome"] == nil, let outcome { decision["outcome"] = .string(outcome.rawValue) }
        return .object(decision)
    }

    private static func isDecision(_ decision: [String: JSONValue]) -> Bool {
        guard let text = try? ContractCoding.encode(decision) else { return false }
        return (try? ContractCoding.decode(MatchSection.self, from: text)) != nil
    }

    private var outcome: MatchOutcome? {
        switch name {
        case .completed: .accept
        case .review: .review
        case .deadLettered: .reject
        default: nil
        }
    }
}
