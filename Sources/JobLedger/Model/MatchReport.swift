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
    /// The event as the timeline stores it, and the match stage's decision, which is stored once and not in the timeline.
    ///
    /// The decision has an outcome; it is `nil` when the event has none that can be read.
    var timelineEntry: (decision: JSONValue?, event: JobEvent) {
        var entry = self
        (entry.sections, entry.document) = ([:], nil)
        guard stage == .match else { return (nil, entry) }
        // A person's decision has one candidate left. The evidence of the stage is kept.
        guard data?["decided_by"] == nil else { return (nil, entry) }
        let text = sections[.match] ?? data?["match"].flatMap { try? ContractCoding.encode($0) }
        guard let text, case .object(var decision)? = try? ContractCoding.decode(JSONValue.self, from: text),
            (try? ContractCoding.decode(MatchSection.self, from: text)) != nil
        else { return (nil, entry) }
        entry.data?.removeValue(forKey: "match")
        if entry.data?.isEmpty == true { entry.data = nil }
        if decision["outcome"] == nil, let outcome { decision["outcome"] = .string(outcome.rawValue) }
        return (.object(decision), entry)
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
