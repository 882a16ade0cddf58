import Catalogues
import Contracts

/// What one step of a check returned.
struct WatchPage: Sendable {
    enum Content: Sendable {
        /// Releases of an artist, new and known.
        case releases([CatalogueAlbum])
        /// The tracks of a release. Those of a known one are only remembered.
        case tracks([CatalogueTrack], of: CatalogueAlbum, isKnown: Bool)
        /// Entries of a playlist or of the saved tracks, in order.
        case entries([CatalogueEntry])
        /// The playlist has not changed.
        case unchanged
    }

    var content: Content
    /// Where the next page begins; `nil` at the end of the list.
    var next: Int?
    /// The version of the playlist's content when the check began.
    var snapshot: String?
    /// Whether the list has its newest entries first. A page without news then ends the check.
    var isNewestFirst = false
}

/// Reads watched artists and playlists page by page.
struct WatchReader: Sendable {
    let catalogue: any MusicCatalogue

    /// Returns the next page of a check.
    /// - Throws: ``CatalogueError``.
    func page(of entry: WatchEntry, _ run: WatchRun) async throws -> WatchPage {
        switch entry.link.kind {
        case .artist: try await artist(entry.link.id, run)
        case .playlist: try await playlist(entry, run)
        case .saved: try await saved(run)
        case .track, .album: throw CatalogueError.unsupported("news of a \(entry.link.kind.rawValue)")
        }
    }

    private func artist(_ id: String, _ run: WatchRun) async throws -> WatchPage {
        guard let (release, isKnown) = run.nextRelease else {
            let page = try await catalogue.releases(ofArtist: id, from: run.offset)
            return WatchPage(content: .releases(page.entries), next: try page.nextOffset(after: run.offset))
        }
        do {
            let tracks = try await catalogue.allTracks(of: release, id: release.id ?? "")
            return WatchPage(content: .tracks(tracks, of: release, isKnown: isKnown))
        } catch CatalogueError.notFound {
            return WatchPage(content: .tracks([], of: release, isKnown: isKnown))
        }
    }

    private func playlist(_ entry: WatchEntry, _ run: WatchRun) async throws -> WatchPage {
        var snapshot = run.snapshot
        if run.offset == 0 {
            snapshot = try await catalogue.playlist(entry.link.id).snapshot
            if snapshot != nil, snapshot == entry.snapshot { return WatchPage(content: .unchanged) }
        }
        let page = try await catalogue.entries(ofPlaylist: entry.link.id, from: run.offset)
        return WatchPage(
            content: .entries(page.entries), next: try page.nextOffset(after: run.offset), snapshot: snapshot)
    }

    private func saved(_ run: WatchRun) async throws -> WatchPage {
        let page = try await catalogue.savedTracks(from: run.offset)
        return WatchPage(
            content: .entries(page.entries), next: try page.nextOffset(after: run.offset), isNewestFirst: true)
    }
}

extension CatalogueAlbum {
    /// Whether it was released on a day (`YYYY-MM-DD`) or later. A date that names only a month or a year counts as its
    /// last day.
    func mayBeSince(_ day: String) -> Bool {
        guard let releaseDate else { return false }
        // Dates of this form sort by time.
        let latest = releaseDate + "-12-31".suffix(max(0, day.count - releaseDate.count))
        return latest >= day
    }
}
