import Contracts
import Metadata

/// What one step of a backfill brought.
struct BackfillPage: Sendable {
    /// A file of the library, with what was found.
    struct File: Sendable {
        var file: LibraryFile
        /// The catalogue was asked.
        var wasAsked = false
        var wasFound = false
    }

    /// A wish that had found nothing, with what was found.
    struct UnmatchedJob: Sendable {
        var job: JobDocument
        var number: Int64
        /// `nil` when the catalogue does not know it either.
        var track: Track?
    }

    enum Content: Sendable {
        case files([File], next: String?)
        case jobs([UnmatchedJob])
        /// The tracks of an album of the library; none when it is gone.
        case album([CatalogueTrack], number: Int64)
        /// The phase has come to its end.
        case nothing
    }

    var content: Content
}

/// Reads what a backfill goes on with, and asks the catalogue about it.
struct BackfillReader: Sendable {
    /// Looked up in one step.
    private static let most = 5

    let catalogue: any MusicCatalogue
    let library: any Library
    let store: JobStore

    /// - Throws: ``CatalogueError``, ``LibraryError``, `DatabaseError`.
    func page(of backfill: Backfill) async throws -> BackfillPage {
        let left = min(Self.most, backfill.counts.requested - backfill.counts.processed)
        switch backfill.cursor.phase {
        case .files where left > 0: return try await files(of: backfill, left)
        case .jobs where left > 0: return try await jobs(of: backfill, left)
        case .albums: return try await album(of: backfill)
        case .files, .jobs: return BackfillPage(content: .nothing)
        }
    }

    private func files(of backfill: Backfill, _ count: Int) async throws -> BackfillPage {
        let page = try await library.files(after: backfill.cursor.path, limit: count)
        var files: [BackfillPage.File] = []
        for file in page.items { files.append(try await complete(file, backfill.terms)) }
        // Before it counts as done; a second time changes nothing.
        try await library.keep(files.filter(\.wasFound).map(\.file))
        return BackfillPage(content: .files(files, next: page.next))
    }

    private func complete(_ file: LibraryFile, _ terms: BackfillTerms) async throws -> BackfillPage.File {
        guard let track = file.track else { return BackfillPage.File(file: file) }
        if terms.includesKnown, track.isrc != nil, file.albumLink != nil { return BackfillPage.File(file: file) }
        var result = BackfillPage.File(file: file, wasAsked: true)
        guard let found = try await TrackLookup(catalogue: catalogue).find(track) else { return result }
        result.file.track = track.completed(by: found, from: catalogue.name)
        if let album = found.album?.id { result.file.albumLink = link(toAlbum: album) ?? file.albumLink }
        result.wasFound = result.file != file || track.isrc != nil
        return result
    }

    private func jobs(of backfill: Backfill, _ count: Int) async throws -> BackfillPage {
        let unmatched = try await store.unmatchedJobs(after: backfill.cursor.number, limit: count)
        guard !unmatched.isEmpty else { return BackfillPage(content: .nothing) }
        var jobs: [BackfillPage.UnmatchedJob] = []
        for (number, job) in unmatched {
            let found = try await TrackLookup(catalogue: catalogue).find(job.track)
            jobs.append(
                BackfillPage.UnmatchedJob(
                    job: job, number: number,
                    track: found.map { job.track.completed(by: $0, from: catalogue.name) }))
        }
        return BackfillPage(content: .jobs(jobs))
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
