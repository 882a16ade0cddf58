import Catalogues
import Contracts

/// What one step of reading a link returned.
struct ExpansionPage: Sendable {
    var entries: [CatalogueEntry]
    /// The next cursor; `nil` at the end.
    var next: ExpansionCursor?
    /// How many entries the list has, if that is known.
    var total: Int?
    /// Whether the same title on two releases is one track. So for artists.
    var ignoresAlbum = false
}

/// Reads a link page by page, each in bounded time.
struct ExpansionReader: Sendable {
    let catalogue: any MusicCatalogue

    /// Returns the page at the cursor.
    /// - Throws: ``CatalogueError``.
    func page(of link: CatalogueLink, at cursor: ExpansionCursor) async throws -> ExpansionPage {
        switch link.kind {
        case .track: ExpansionPage(entries: [.track(try await catalogue.track(link.id))], total: 1)
        case .album: try await album(link.id)
        case .artist: try await artist(link.id, cursor)
        case .playlist: try await playlist(link.id, cursor)
        case .saved: try await saved(cursor)
        }
    }

    private func album(_ id: String) async throws -> ExpansionPage {
        let tracks = try await catalogue.allTracks(of: try await catalogue.album(id), id: id)
        return ExpansionPage(entries: tracks.map(CatalogueEntry.track), total: tracks.count)
    }
}

// MARK: - Lists

extension ExpansionReader {
    private func playlist(_ id: String, _ cursor: ExpansionCursor) async throws -> ExpansionPage {
        var cursor = cursor
        if cursor.offset == 0, cursor.pass == 0 {
            let playlist = try await catalogue.playlist(id)
            cursor.snapshot = playlist.snapshot
            cursor.total = playlist.total
        }
        let page = try await catalogue.entries(ofPlaylist: id, from: cursor.offset)
        let total = page.total ?? cursor.total
        guard page.next == nil else { return try advance(cursor, past: page, total) }
        guard cursor.pass == 0, cursor.snapshot != nil else {
            return ExpansionPage(entries: page.entries, total: total)
        }
        let after = try await catalogue.playlist(id).snapshot
        let hasChanged = after != cursor.snapshot
        return ExpansionPage(
            entries: page.entries, next: hasChanged ? cursor.restarted(snapshot: after) : nil, total: total)
    }

    /// Saved tracks have no snapshot id; only their number shows a change.
    private func saved(_ cursor: ExpansionCursor) async throws -> ExpansionPage {
        var cursor = cursor
        let page = try await catalogue.savedTracks(from: cursor.offset)
        if cursor.offset == 0 { cursor.total = page.total }
        guard page.next == nil else { return try advance(cursor, past: page, page.total) }
        let hasChanged = cursor.pass == 0 && page.total != cursor.total
        return ExpansionPage(
            entries: page.entries, next: hasChanged ? cursor.restarted(snapshot: nil) : nil, total: page.total)
    }

    private func advance(
        _ cursor: ExpansionCursor, past page: CataloguePage<CatalogueEntry>, _ total: Int?
    ) throws(CatalogueError) -> ExpansionPage {
        var cursor = cursor
        cursor.offset = try page.nextOffset(after: cursor.offset) ?? cursor.offset
        return ExpansionPage(entries: page.entries, next: cursor, total: total)
    }
}

// MARK: - Artists

extension ExpansionReader {
    private func artist(_ id: String, _ cursor: ExpansionCursor) async throws -> ExpansionPage {
        cursor.isListed ? try await release(cursor) : try await releases(id, cursor)
    }

    private func releases(_ id: String, _ cursor: ExpansionCursor) async throws -> ExpansionPage {
        let page = try await catalogue.releases(ofArtist: id, from: cursor.offset)
        var cursor = cursor
        cursor.releases = ReleaseList(cursor.releases).adding(page.entries)
        if let next = try page.nextOffset(after: cursor.offset) {
            cursor.offset = next
        } else {
            cursor.isListed = true
            cursor.releases = ReleaseList(cursor.releases).albumsFirst
        }
        let isEnd = cursor.isListed && cursor.releases.isEmpty
        return ExpansionPage(entries: [], next: isEnd ? nil : cursor, total: cursor.isListed ? cursor.tracks : nil)
    }

    private func release(_ cursor: ExpansionCursor) async throws -> ExpansionPage {
        var cursor = cursor
        guard !cursor.releases.isEmpty else { return ExpansionPage(entries: []) }
        let album = cursor.releases.removeFirst()
        let entries = try await tracks(of: album)
        return ExpansionPage(entries: entries, next: cursor.releases.isEmpty ? nil : cursor, ignoresAlbum: true)
    }

    /// A release that the catalogue removed meanwhile is skipped.
    private func tracks(of album: CatalogueAlbum) async throws -> [CatalogueEntry] {
        guard let id = album.id else { return [.unusable(.gone)] }
        do {
            return try await catalogue.allTracks(of: album, id: id).map(CatalogueEntry.track)
        } catch CatalogueError.notFound {
            return [.unusable(.gone)]
        }
    }
}

extension ExpansionCursor {
    /// The number of tracks of the listed releases; `nil` when it is unknown for one of them.
    fileprivate var tracks: Int? {
        releases.reduce(0) { sum, release in sum.flatMap { sum in release.trackTotal.map { sum + $0 } } }
    }
}
