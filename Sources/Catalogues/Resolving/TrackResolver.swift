public import Contracts
public import Logging
import Matching

/// Determines the recording that a job wants, before files are searched for.
///
/// A job with a title and an artist waits for a limited time for the budget of a catalogue, and continues without a
/// catalogue that is unavailable for longer. A job without them needs a catalogue.
public struct TrackResolver: Sendable {
    /// In the order in which they are used.
    public let catalogues: [MonitoredCatalogue]
    /// The pause of a job that needs a sign-in or a configured catalogue.
    public var signInPause = Duration.seconds(300)
    public var now: @Sendable () -> Timestamp = { .now }

    /// The longest pause of a catalogue for which a job with names waits.
    private static let longestPause = Duration.seconds(300)
    /// The age from which a job with names no longer waits for catalogues.
    private static let longestWait = Duration.seconds(3600)

    public init(_ catalogues: [MonitoredCatalogue]) { self.catalogues = catalogues }

    /// Resolves a job.
    ///
    /// No request is made for a job whose section is final.
    /// - Parameter isFresh: Whether a person has restarted the job. Then a recording that was not found before is searched
    ///   for again.
    /// - Throws: `JobError` `.providerUnavailable` when the job needs a catalogue that is down; `CancellationError`.
    public func resolve(_ job: JobDocument, isFresh: Bool, _ logger: Logger) async throws -> Resolution {
        if let known = job.metadata, known.preliminary != true, known.remark == nil || !isFresh { return .unchanged }
        guard !catalogues.isEmpty else { return job.wanted.isNamed ? .unchanged : needsCatalogue() }
        var search = RecordingSearch(track: job.wanted, catalogues: catalogues, logger: logger)
        guard let found = try await search.run() else { return try withoutRecording(job, search) }
        guard !found.agreement.isContradiction else { return .review(because: found.contradiction(of: job.wanted)) }
        var resolved = job.startingPoint
        resolved.complete(with: found, search)
        return .resolved(section(resolved))
    }

    private func section(_ resolved: ResolvedTrack, remark: String? = nil) -> MetadataSection {
        var section = MetadataSection(track: resolved.track, provenance: resolved.provenance, at: now())
        section.spotifyID = resolved.spotifyID
        section.remark = remark
        return section
    }
}

// MARK: - No recording

extension TrackResolver {
    private func withoutRecording(_ job: JobDocument, _ search: RecordingSearch) throws -> Resolution {
        guard job.wanted.isNamed else {
            guard let obstacle = search.obstacles.first else { return withoutNames(job.wanted, search) }
            return try waiting(for: obstacle)
        }
        guard let obstacle = search.obstacles.first else {
            return .resolved(section(job.startingPoint, remark: search.remark))
        }
        if case .paused(let until, let reason) = obstacle, isWorthWaiting(job, until: until) {
            return .snooze(
                until: until, because: "the job waits for its metadata: \(reason)",
                wait: JobEvent.Wait(.providerBlocked))
        }
        // The section stays open, so that a later attempt can use the catalogue.
        return .unchanged
    }

    private func isWorthWaiting(_ job: JobDocument, until: Timestamp) -> Bool {
        until.since(now()) <= Self.longestPause && now().since(job.submittedAt) <= Self.longestWait
    }

    private func withoutNames(_ track: Track, _ search: RecordingSearch) -> Resolution {
        if track.spotifyID != nil, track.isrc == nil, !search.hasUsedSpotify { return needsCatalogue() }
        return .review(
            because: "\(search.remark); submit the track again with its artist and title, or with another identifier")
    }

    private func waiting(for obstacle: CatalogueError) throws -> Resolution {
        switch obstacle {
        case .paused(let until, let reason):
            return .snooze(
                until: until, because: "the job has no title, and the catalogue is paused: \(reason)",
                wait: JobEvent.Wait(.providerBlocked))
        case .signInNeeded(let reason):
            return .snooze(
                until: now() + signInPause, because: "the job has no title: \(reason)",
                wait: JobEvent.Wait(.signInNeeded, provider: "spotify"))
        default: throw JobError(.providerUnavailable, "\(obstacle)")
        }
    }

    private func needsCatalogue() -> Resolution {
        .snooze(
            until: now() + signInPause,
            because: "the job has no title and artist, and no catalogue is configured that has them: set "
                + "SPOTIFY_CLIENT_ID, or submit the track with its artist and title",
            wait: JobEvent.Wait(.catalogueMissing))
    }
}

extension JobDocument {
    /// The fields that are known before the lookup, with their origins.
    fileprivate var startingPoint: ResolvedTrack { metadata.map { ResolvedTrack($0) } ?? ResolvedTrack(track) }
}
