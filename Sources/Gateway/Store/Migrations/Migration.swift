import GRDB

/// One step in the history of the database's schema. Never edited after a release: a later step changes what an earlier
/// one made.
struct Migration: Sendable {
    /// Numbered, and named after what it does. Stored in the database.
    let name: String
    /// Runs in a transaction of its own.
    let run: @Sendable (Database) throws -> Void

    /// Every step, in order.
    static let all: [Migration] = [
        .createJobs, .createReservations, .createTimeline, .createOutbox, .createResponses, .createMatches,
        .createReviews, .createVerdicts, .routeOutbox, .createProgress, .markStanding, .createExpansions,
        .createWatchlist, .createBackfills,
    ]
}

extension DatabaseMigrator {
    /// A migrator that knows these steps.
    init(_ steps: [Migration]) {
        self.init()
        for step in steps { registerMigration(step.name, migrate: step.run) }
    }
}
