import Catalogues
import Contracts
import Logging

/// Reads what the next step of a backfill needs, and looks it up in the catalogue.
struct BackfillReader: Sendable {
    /// How many files or jobs one step looks up.
    private static let stepSize = 5

    let catalogue: any MusicCatalogue
    let library: any Library
    let unmatchedJobs: any UnmatchedJobs
    let store: PlannerStore
    let logger: Logger

    private var lookup: RecordingLookup { RecordingLookup([MonitoredCatalogue(catalogue)], logger: logger) }

    /// - Throws: ``CatalogueError``, ``ServiceRequestError``, `DatabaseError`.
    func page(of backfill: Backfill) async throws -> BackfillPage {
        let count = min(Self.stepSize, backfill.remainingLookups)
        switch backfill.cursor.phase {
        case .files where count > 0: return try await files(of: backfill, count)
        case .jobs where count > 0 && !backfill.cursor.hasReadJobs: return try await jobs(of: backfill, count)
        case .albums: return try await album(of: backfill)
        case .files, .jobs: return BackfillPage(content: .nothing)
        }
    }

    private func files(of backfill: Backfill, _ count: Int) async throws -> BackfillPage {
        let cursor = backfill.cursor
        let page = try await library.files(after: cursor.path, limit: count)
        // In the second half of the circle, up to where the backfill began.
        let rest = page.items.prefix { !cursor.hasWrapped || !$0.path.isAfter(cursor.origin) }
        var files: [BackfillPage.File] = []
        for file in rest { files.append(try await complete(file, backfill.terms)) }
        // Before the step is committed; a repetition has no effect.
        try await library.store(files.filter(\.wasFound).map(\.file))
        return BackfillPage(content: .files(files, isLastPage: page.next == nil || rest.count < page.items.count))
    }

    private func complete(_ file: LibraryFile, _ terms: BackfillTerms) async throws -> BackfillPage.File {
        guard let track = file.track else { return BackfillPage.File(file: file) }
        if terms.includesKnown, track.isrc != nil, file.albumLink != nil { return BackfillPage.File(file: file) }
        var result = BackfillPage.File(file: file, wasAsked: true)
        guard case .found(let resolved, let album, _) = try await lookup.find(track) else { return result }
        result.file.track = resolved.track
        if let id = album?.id { result.file.albumLink = link(toAlbum: id) ?? file.albumLink }
        result.wasFound = result.file != file || track.isrc != nil
        return result
    }

    private func jobs(of backfill: Backfill, _ count: Int) async throws -> BackfillPage {
        let cursor = backfill.cursor
        let page = try await unmatchedJobs.page(after: cursor.job, limit: count)
        if let next = page.next, next <= cursor.job {
            throw ServiceRequestError(
                service: .gateway, reason: "its list of unmatched jobs leads back from job \(cursor.job) to \(next)")
        }
        // In the second half of the circle, up to where the backfill began.
        let rest = page.items.prefix { !cursor.hasWrappedJobs || $0.number <= cursor.jobOrigin }
        var jobs: [BackfillPage.UnmatchedJob] = []
        for item in rest {
            let metadata = try await metadata(of: item.job.track)
            jobs.append(BackfillPage.UnmatchedJob(job: item.job, number: item.number, metadata: metadata))
        }
        return BackfillPage(content: .jobs(jobs, next: rest.count < page.items.count ? nil : page.next))
    }

    private func metadata(of track: Track) async throws -> MetadataSection? {
        guard case .found(let resolved, _, _) = try await lookup.find(track) else { return nil }
        var metadata = MetadataSection(
            track: resolved.track, provenance: resolved.provenance, at: store.clock())
        metadata.spotifyID = resolved.spotifyID
        return metadata
    }

    private func album(of backfill: Backfill) async throws -> BackfillPage {
        guard backfill.terms.expandsAlbums,
            let (number, text) = try await store.album(of: backfill, after: backfill.cursor.number)
        else { return BackfillPage(content: .nothing) }
        guard let link = try? CatalogueLink(text), link.catalogue == kind else {
            return BackfillPage(content: .album([], number: number))
        }
        do {
            let tracks = try await catalogue.allTracks(of: try await catalogue.album(link.id), id: link.id)
            return BackfillPage(content: .album(tracks, number: number))
        } catch CatalogueError.notFound {
            return BackfillPage(content: .album([], number: number))
        }
    }

    private var kind: CatalogueLink.Catalogue { catalogue.name == "spotify" ? .spotify : .musicbrainz }

    private func link(toAlbum id: String) -> String? {
        let entity = kind == .spotify ? "spotify:album:\(id)" : "musicbrainz:release:\(id)"
        return (try? CatalogueLink(entity))?.description
    }
}
