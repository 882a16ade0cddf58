import Contracts
import Metadata

/// What one step of a look brought.
struct WatchPage: Sendable {
    enum Content: Sendable {
        /// Releases of an artist: which of them are new is still to be seen.
        case releases([CatalogueAlbum])
        /// The tracks of a release that is new.
        case tracks([CatalogueTrack], of: CatalogueAlbum)
        /// Entries of a playlist or of the saved tracks, in order.
        case entries([CatalogueEntry])
        /// The playlist is as it was.
        case unchanged
    }

    var content: Content
    /// Where the list goes on; `nil` at its end.
    var next: Int?
    /// The mark of the playlist's content when the look began.
    var snapshot: String?
    /// The newest come first: after a page without news there is none.
    var isNewestFirst = false
}

/// Reads what is watched, piece by piece.
struct WatchReader: Sendable {
    let catalogue: any MusicCatalogue

    /// The piece that a look goes on with.
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
        guard run.isListed, let release = run.releases.first else {
            let page = try await catalogue.releases(ofArtist: id, from: run.offset)
            return WatchPage(content: .releases(page.entries), next: try page.place(after: run.offset))
        }
        do {
            let tracks = try await catalogue.allTracks(of: release, id: release.id ?? "")
            return WatchPage(content: .tracks(tracks, of: release))
        } catch CatalogueError.notFound {
            return WatchPage(content: .tracks([], of: release))
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
            content: .entries(page.entries), next: try page.place(after: run.offset), snapshot: snapshot)
    }

    private func saved(_ run: WatchRun) async throws -> WatchPage {
        let page = try await catalogue.savedTracks(from: run.offset)
        return WatchPage(
            content: .entries(page.entries), next: try page.place(after: run.offset), isNewestFirst: true)
    }
}

extension CatalogueAlbum {
    /// Whether it came out on a day (`YYYY-MM-DD`) or later, or may have: a date may name only a month or a year.
    func mayBeSince(_ day: String) -> Bool {
        guard let releaseDate else { return false }
        // The last day that the date may mean; texts of this form are in the order of time.
        let latest = releaseDate + "-12-31".suffix(max(0, day.count - releaseDate.count))
        return latest >= day
    }
}
