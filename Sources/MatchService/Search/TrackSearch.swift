import AudioSources
import Contracts
import Foundation
import Logging
import Matching
import ServiceKit
import Synchronization

/// Searches the sources for a track, from the narrowest query to the widest. It stops when the decision is final and the
/// audio is good enough.
///
/// For each query, sources without a budget are searched first, concurrently. Sources with a budget are searched only
/// when that was not sufficient.
struct TrackSearch: Sendable {
    /// The largest number of offers of one source for one query: a track's, and an album's, of which each has all tracks.
    private static let (maximumOffers, maximumAlbumOffers) = (1000, 5000)

    let sources: [SearchedSource]
    let matcher: Matcher
    let misses: NegativeSearchCache?
    /// The audio class from which no better one is searched for; `nil` when every acceptable class is sufficient.
    let enough: QualityClass?
    /// How long a request waits for a budget before the job is snoozed.
    let patience: Duration
    /// Contains the context of the job.
    var logger: Logger
    /// Called repeatedly while a source is being searched.
    var renew: @Sendable () -> Void = {}

    /// A search can take longer than the visibility timeout, so the lease is renewed at this interval.
    private static let renewalInterval = Duration.seconds(10)

    /// Searches for a track.
    /// - Parameters:
    ///   - known: The queries of earlier attempts. Those without a usable offer are skipped.
    ///   - isFresh: Whether cached results must not be used, because a person requested a new search.
    ///   - albumJobs: How many tracks of the same album are searched for; `nil` if it is the only one.
    ///   - failed: Candidates that failed before. Offers of files that are other recordings are left out; for the others
    ///     the search continues until it has found other copies.
    /// - Throws: ``SearchInterrupted``, ``JobError``, `CancellationError`.
    func run(
        for track: Track, verdicts: Verdicts, known: [SearchYield], isFresh: Bool,
        albumJobs: Int? = nil, failed: [TransferSection.FailedCandidate] = []
    ) async throws -> SearchResult {
        var progress = SearchProgress(
            track: track, verdicts: verdicts, known: known, isFresh: isFresh, matcher: matcher)
        progress.failed = failed
        progress.albumTracks = albumJobs.map { max($0, track.trackTotal ?? 0) }
        let queries = QueryPlan(track, asked: verdicts.query, isOfAlbum: albumJobs != nil).queries
        // An album must not be searched for at peers before the own collections were asked for the track.
        let own = sources.filter { albumJobs != nil && matcher.profile.trustedSources.contains($0.name) }
        if let query = queries.first(where: { $0.variant == .full }), try await ask(own, query, &progress) {
            return progress.result
        }
        for query in queries {
            for isLimited in [false, true]
            where try await ask(sources.filter { $0.isLimited == isLimited }, query, &progress) {
                return progress.result
            }
        }
        return progress.result
    }

    /// Asks those of the sources that accept the query and were not asked for these words before.
    /// - Returns: Whether the decision is final.
    private func ask(
        _ sources: [SearchedSource], _ query: SearchQuery, _ progress: inout SearchProgress
    ) async throws -> Bool {
        let asked = sources.filter { $0.source.accepts(query.variant) && !progress.wasAsked($0.name, query) }
        guard !asked.isEmpty else { return false }
        progress.add(await search(asked, query, progress))
        return try progress.isComplete(at: enough)
    }

    /// Searches several sources concurrently.
    /// - Returns: The outcomes in the order of the sources, so that the record does not depend on their speed.
    private func search(
        _ sources: [SearchedSource], _ query: SearchQuery, _ progress: SearchProgress
    ) async -> [SearchOutcome] {
        await withTaskGroup { group in
            for (index, source) in sources.enumerated() {
                group.addTask { (index, await search(source, query, progress)) }
            }
            let outcomes = await group.reduce(into: []) { $0.append($1) }
            return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func search(
        _ source: SearchedSource, _ query: SearchQuery, _ progress: SearchProgress
    ) async -> SearchOutcome {
        var outcome = SearchOutcome(yield: SearchYield(source: source.name, variant: query.variant, query: query.text))
        if source.isLimited, !progress.isFresh, await isKnownMiss(source.name, query.text) {
            outcome.yield.remembered = true
            return outcome
        }
        let began = ContinuousClock.now
        let sentAt = LastRequest()
        do {
            let request = SearchRequest(
                query, for: progress.track,
                limit: progress.albumTracks == nil ? Self.maximumOffers : Self.maximumAlbumOffers,
                isFresh: progress.isFresh)
            let reply = try await renewing { try await source.search(request, patience: patience, sent: sentAt.set) }
            outcome.offers = reply.offers
            outcome.yield.offers = outcome.offers.count
            if source.isLimited, reply.isMiss { await recordMiss(source.name, query.text) }
        } catch {
            outcome.failure = error
        }
        outcome.sentAt = sentAt.time
        outcome.yield.tookMS = Int(began.duration(to: .now) / .milliseconds(1))
        log(outcome)
        return outcome
    }

    private func renewing<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while (try? await Task.sleep(for: Self.renewalInterval)) != nil { renew() }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private func log(_ outcome: SearchOutcome) {
        var metadata: Logger.Metadata = [
            "source": .string(outcome.yield.source), "rung": .string(outcome.yield.variant.rawValue),
            "offers": .stringConvertible(outcome.yield.offers),
            LogKey.duration: .stringConvertible(outcome.yield.tookMS),
        ]
        if let sentAt = outcome.sentAt { metadata["sent_at"] = .stringConvertible(sentAt) }
        if let failure = outcome.failure { metadata[LogKey.error] = .string("\(failure)".prefix(utf8: 512)) }
        logger.log(event: .matchSearched, level: .debug, "searched a source", metadata: metadata)
    }
}

/// The time of the last request that a search sent.
private final class LastRequest: Sendable {
    private let state = Mutex<Timestamp?>(nil)

    var time: Timestamp? { state.withLock { $0 } }

    func set(_ time: Timestamp) { state.withLock { $0 = time } }
}
