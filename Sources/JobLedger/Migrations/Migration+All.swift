import Databases

extension Migration {
    /// Every step of the ledger's schema, in order. The numbers 012 to 014 were never used.
    static let all: [Migration] = [
        .createJobs, .createReservations, .createTimeline, .createOutbox, .createResponses, .createMatches,
        .createReviews, .createVerdicts, .routeOutbox, .createProgress, .markStanding, .createExpansions,
        .createWatchlist, .createBackfills, .expireResponses, .handOver, .storeSections,
    ]
}
