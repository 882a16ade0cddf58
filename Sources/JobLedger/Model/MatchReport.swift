public import Contracts
import Databases
import Foundation
import GRDB

/// The decision of the match stage about a job.
public struct MatchRecord: Sendable {
    public var decision: MatchSection
    public var at: Timestamp

    init(_ row: Row) throws {
        decision = try row.decoded("decision") { try ContractCoding.decode(MatchSection.self, from: $0) }
        at = try row.time("at")
    }
}

/// What the ledger has about a job's match.
public struct MatchReport: Sendable {
    /// `nil` when the ledger has no such job.
    public var job: JobSummary?
    /// `nil` when the match stage has not decided yet.
    public var record: MatchRecord?
    public var review: Review?
}

extension JobEvent {
    /// Removes the match stage's decision from the event's data, so that it is stored once and not in the timeline.
    /// - Returns: The decision, with an outcome; `nil` when the event has none that can be read.
    mutating func removeDecision() -> JSONValue? {
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
