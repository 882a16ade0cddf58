public import Contracts
import Databases
import GRDB

/// An event that changes the ledger.
public enum LedgerEvent: Sendable {
    case job(JobEvent)
    case expansion(ExpansionEvent)
}

// Events.
extension JobStore {
    /// How long progress is stored without news.
    private static let progressAge: Duration = .seconds(3600)

    /// Applies events in the given order, in one transaction. Known events change nothing.
    public func project(_ events: [LedgerEvent]) async throws -> AppliedEvents {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            var applied = AppliedEvents()
            for event in events {
                switch event {
                case .job(let event): applied.add(try db.apply(event, at: now))
                case .expansion(let event): applied.add(try db.apply(event, at: now) ? .applied : .repeated)
                }
            }
            try db.deleteExpiredSections(at: now)
            return applied
        }
    }

    /// Records the latest progress of each job. Progress of ended jobs is ignored.
    public func record(_ progress: [ProgressEvent]) async throws {
        let now = clock()
        try await writer.write(.soon) { db in
            for event in progress { try db.record(event, at: now) }
            try db.deleteProgress(before: now + (.zero - Self.progressAge))
        }
    }
}
