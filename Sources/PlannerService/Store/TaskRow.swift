import Contracts
import Databases
import Foundation
import GRDB

/// A row of work that is done in steps.
protocol TaskRow: Sendable {
    associatedtype Progress: TaskProgress

    static var table: TaskTable { get }
    var number: Int64 { get }
    /// A UUID. Keys of submissions contain it, so that a lost database never meets responses to older submissions.
    var id: JobID { get }
    /// How many steps were committed. Steps never restart.
    var step: Int { get }
    var progress: Progress { get }
    /// The state after the present step, while its submissions are not answered.
    var pending: PendingStep<Progress>? { get }
    /// Whether a person suspended or ended the work.
    var isSuspended: Bool { get }
    /// The W3C Trace Context of the request that the work belongs to.
    var traceparent: String? { get }

    /// - Throws: `UnreadableRow`.
    init(_ row: Row) throws

    /// The state to write when a response arrives: what a person changed meanwhile is kept.
    func merged(_ after: Progress) -> Progress
    /// Stores what the step found, in the transaction that ends the step.
    func remember(_ seen: [String], _ after: Progress, at now: Timestamp, _ db: Database) throws
}

extension TaskRow {
    var traceparent: String? { nil }

    func merged(_ after: Progress) -> Progress { after }

    /// The idempotency key of the present step's submission.
    var submissionKey: String { "\(Self.table.keyPrefix):\(id.text):\(step)" }
}

/// What the steps of a task change.
protocol TaskProgress: Codable, Sendable, Equatable {
    /// Attempts in a row that failed.
    var failures: Int { get }
    /// The columns of the row, by name.
    func columns(at now: Timestamp) throws -> [(name: String, value: (any DatabaseValueConvertible)?)]
    /// Counts what became of the items of a submission.
    mutating func count(_ admitted: AdmittedCounts)
}

/// A step that is committed but whose submissions are not all answered.
struct PendingStep<Progress: TaskProgress>: Codable, Sendable, Equatable {
    /// The state after the step, with the counts of the answered submissions.
    var after: Progress
    /// Keys of what the step found.
    var seen: [String]
}

/// What one step is about to change.
struct StepPlan<Progress: TaskProgress>: Sendable {
    var after: Progress
    /// Keys of what the step found, stored when the step ends.
    var seen: [String] = []
    /// The submissions of the step, as they are published; empty when it makes no jobs.
    var submissions: [Data] = []
}

/// What became of the items of a submission.
struct AdmittedCounts: Sendable, Equatable {
    var enqueued = 0
    var alreadyEnqueued = 0
    var alreadyProcessed = 0

    init(_ response: SubmissionResponse) {
        for item in response.items {
            switch item.status {
            case .enqueued: enqueued += 1
            case .alreadyEnqueued: alreadyEnqueued += 1
            case .alreadyProcessed: alreadyProcessed += 1
            }
        }
    }
}
