import Contracts
import Logging
import Matching
import Metadata

/// Finds the recording that a job means, before files are looked for: by its id at Spotify, by its code, by its names.
///
/// Catalogues help where they can. A job with a title and an artist waits a while for a spent budget, and goes on without
/// a catalogue that cannot be asked for longer; a job without them needs one.
struct TrackResolver: Sendable {
    /// In the order in which they are asked.
    let catalogues: [AskedCatalogue]
    /// How long a job waits for somebody to sign in, or to set HDM up.
    var signInPause = Duration.seconds(300)
    var now: @Sendable () -> Timestamp = { .now }

    /// For so long a job with names waits for a catalogue, as long as it is no older than ``longestWaiting``.
    private static let worthWaiting = Duration.seconds(300)
    private static let longestWaiting = Duration.seconds(3600)

    /// - Parameter isFresh: a person asked anew: what was not found before is looked for again.
    /// - Throws: `JobError` `provider_unavailable` where only a catalogue that is down could help; `CancellationError`.
    func resolve(_ job: JobDocument, isFresh: Bool, _ logger: Logger) async throws -> Resolution {
        if let known = job.metadata, known.remark == nil || !isFresh { return .unchanged }
        guard !catalogues.isEmpty else { return job.track.isNamed ? .unchanged : needsCatalogue() }
        var search = CatalogueSearch(track: job.track, catalogues: catalogues, logger: logger)
        let found = try await search.run()
        if let found { return resolution(found, of: job.track, search) }
        return try withoutRecording(job, search)
    }

    private func resolution(
        _ found: FoundRecording, of track: Track, _ search: CatalogueSearch
    ) -> Resolution {
        guard !found.agreement.isContradiction else { return .review(because: found.contradiction(of: track)) }
        var resolved = ResolvedTrack(track)
        resolved.take(found.listed, from: found.provider, found.proof)
        if let code = search.code { resolved.take(isrc: code.isrc, from: code.provider) }
        return .resolved(section(resolved))
    }

    private func section(_ resolved: ResolvedTrack, remark: String? = nil) -> MetadataSection {
        var section = MetadataSection(track: resolved.track, provenance: resolved.provenance, at: now())
        section.spotifyID = resolved.spotifyID
        section.remark = remark
        return section
    }

    // MARK: - No recording

    private func withoutRecording(_ job: JobDocument, _ search: CatalogueSearch) throws -> Resolution {
        guard job.track.isNamed else {
            guard let obstacle = search.obstacles.first else { return noName(job.track, search) }
            return try waiting(for: obstacle)
        }
        guard let obstacle = search.obstacles.first else {
            return .resolved(section(ResolvedTrack(job.track), remark: search.remark))
        }
        if case .paused(let until, let reason) = obstacle, isWorthWaiting(job, until: until) {
            return .snooze(until: until, because: "its metadata is looked for: \(reason)")
        }
        // What could not be asked now may be known to a later attempt.
        return .unchanged
    }

    /// The jobs of a large batch wait for their turn; nobody's job waits for hours for what it can do without.
    private func isWorthWaiting(_ job: JobDocument, until: Timestamp) -> Bool {
        until.since(now()) <= Self.worthWaiting && now().since(job.submittedAt) <= Self.longestWaiting
    }

    private func noName(_ track: Track, _ search: CatalogueSearch) -> Resolution {
        if track.spotifyID != nil, track.isrc == nil, !search.hasAskedSpotify { return needsCatalogue() }
        return .review(
            because: "\(search.remark); submit the track again with its artist and title, or with another identifier")
    }

    private func waiting(for obstacle: CatalogueError) throws -> Resolution {
        switch obstacle {
        case .paused(let until, let reason):
            return .snooze(until: until, because: "the job has no title, and the catalogue that knows it: \(reason)")
        case .signInNeeded(let reason):
            return .snooze(until: now() + signInPause, because: "the job has no title: \(reason)")
        default: throw JobError(.providerUnavailable, "\(obstacle)")
        }
    }

    private func needsCatalogue() -> Resolution {
        .snooze(
            until: now() + signInPause,
            because: "the job has no title and artist, and no catalogue is set up that could name it: set "
                + "SPOTIFY_CLIENT_ID, or submit the track with its artist and title")
    }
}

/// A recording that is said to be the wanted one.
struct FoundRecording: Sendable {
    let listed: CatalogueTrack
    let agreement: CatalogueAgreement
    /// The catalogue's name.
    let provider: String
    /// An identifier says so, not words alone.
    let isIdentified: Bool

    var proof: ResolvedTrack.Proof {
        ResolvedTrack.Proof(
            isIdentified: isIdentified, hasOtherScript: agreement.hasOtherScript, isOnAlbum: agreement.isOnAlbum)
    }

    /// For the person who has to decide.
    func contradiction(of track: Track) -> String {
        let names = "'\(listed.artists.first?.name ?? "") - \(listed.name)'".prefix(utf8: 300)
        return "the job asks for '\(track.artist) - \(track.title)'".prefix(utf8: 300)
            + ", but its identifier is that of \(names): submit it again with the right one of both"
    }
}
