import Catalogues
import Contracts
import Synchronization

/// A catalogue in memory, in pages, that tests change while it is read.
final class ShelfCatalogue: MusicCatalogue {
    struct Shelf {
        var tracks: [String: CatalogueTrack] = [:]
        var albums: [String: CatalogueAlbum] = [:]
        var albumTracks: [String: [CatalogueTrack]] = [:]
        var releases: [String: [CatalogueAlbum]] = [:]
        var playlists: [String: [CatalogueEntry]] = [:]
        /// Changes when a playlist does.
        var snapshots: [String: String] = [:]
        var saved: [CatalogueEntry] = []
        /// Thrown by the next calls, each once.
        var failures: [CatalogueError] = []
        var calls: [String] = []
        /// Done when a page of a playlist was read, with its offset.
        var onPage: (@Sendable (Int) -> Void)?
        /// Done before a page of a playlist is read, with the playlist's id.
        var beforePage: (@Sendable (String) async throws -> Void)?
    }

    let name: String
    let pageSize: Int
    let shelf: Mutex<Shelf>

    init(name: String = "spotify", pageSize: Int = 50, _ fill: (inout Shelf) -> Void = { _ in }) {
        var shelf = Shelf()
        fill(&shelf)
        self.name = name
        self.pageSize = pageSize
        self.shelf = Mutex(shelf)
    }

    var calls: [String] { shelf.withLock { $0.calls } }

    func change(_ body: @Sendable (inout Shelf) -> Void) { shelf.withLock { body(&$0) } }

    private func ask<Value: Sendable>(_ call: String, _ body: (inout Shelf) -> Value?) throws -> Value {
        try shelf.withLock { shelf in
            shelf.calls.append(call)
            if !shelf.failures.isEmpty { throw shelf.failures.removeFirst() }
            guard let value = body(&shelf) else { throw CatalogueError.notFound(call) }
            return value
        }
    }

    private func page<Entry: Sendable>(_ entries: [Entry], from offset: Int) -> CataloguePage<Entry> {
        let end = min(entries.count, offset + pageSize)
        return CataloguePage(
            entries: offset < end ? Array(entries[offset..<end]) : [], next: end < entries.count ? end : nil,
            total: entries.count)
    }

    func track(_ id: String) throws -> CatalogueTrack { try ask("track \(id)") { $0.tracks[id] } }

    func tracks(isrc: String) throws -> [CatalogueTrack] {
        try ask("isrc \(isrc)") { shelf in shelf.tracks.values.filter { $0.isrc == isrc } }
    }

    func search(_ query: CatalogueQuery) throws -> [CatalogueTrack] {
        try ask("search \(query.title)") { shelf in
            shelf.tracks.values.filter { $0.name == query.title && $0.artists.first?.name == query.artist }
        }
    }

    func album(_ id: String) throws -> CatalogueAlbum { try ask("album \(id)") { $0.albums[id] } }

    func tracks(ofAlbum id: String, from offset: Int) throws -> CataloguePage<CatalogueTrack> {
        try ask("album \(id) from \(offset)") { $0.albumTracks[id].map { page($0, from: offset) } }
    }

    func artist(_ id: String) throws -> CatalogueArtist {
        try ask("artist \(id)") { $0.releases[id] == nil ? nil : CatalogueArtist(id: id, name: id) }
    }

    func releases(ofArtist id: String, from offset: Int) throws -> CataloguePage<CatalogueAlbum> {
        try ask("releases \(id) from \(offset)") { $0.releases[id].map { page($0, from: offset) } }
    }

    func playlist(_ id: String) throws -> CataloguePlaylist {
        try ask("playlist \(id)") { shelf in
            guard let entries = shelf.playlists[id] else { return nil }
            var playlist = CataloguePlaylist(id: id, name: id)
            playlist.snapshot = shelf.snapshots[id] ?? "1"
            playlist.total = entries.count
            return playlist
        }
    }

    func entries(ofPlaylist id: String, from offset: Int) async throws -> CataloguePage<CatalogueEntry> {
        try await shelf.withLock(\.beforePage)?(id)
        let (answer, onPage) = try ask("playlist \(id) from \(offset)") { shelf in
            shelf.playlists[id].map { (page($0, from: offset), shelf.onPage) }
        }
        onPage?(offset)
        return answer
    }

    func savedTracks(from offset: Int) throws -> CataloguePage<CatalogueEntry> {
        try ask("saved from \(offset)") { page($0.saved, from: offset) }
    }
}

/// Ids of the catalogue's form.
enum ShelfID {
    /// 22 letters and digits.
    static func of(_ number: Int, _ letter: Character = "t") -> String {
        let digits = String(number)
        return String(repeating: letter, count: 22 - digits.count) + digits
    }
}

extension CatalogueTrack {
    /// A track with an id, and a code where there is one.
    static func test(
        _ number: Int, title: String? = nil, artist: String = "Nina Simone", isrc: Bool = true,
        album: CatalogueAlbum? = nil, disc: Int? = nil, track: Int? = nil
    ) -> CatalogueTrack {
        var entry = CatalogueTrack(
            id: ShelfID.of(number), name: title ?? "Song \(number)",
            artists: [CatalogueArtist(id: nil, name: artist)], album: album)
        let digits = String(number)
        entry.isrc = isrc ? "USTST" + String(repeating: "0", count: 7 - digits.count) + digits : nil
        entry.discNumber = disc
        entry.trackNumber = track
        return entry
    }
}

extension CatalogueAlbum {
    static func test(
        _ id: String, _ name: String, kind: Kind = .album, date: String? = nil, upc: String? = nil, total: Int? = nil
    ) -> CatalogueAlbum {
        var album = CatalogueAlbum(id: id, name: name, artists: [CatalogueArtist(id: nil, name: "Nina Simone")])
        album.kind = kind
        album.releaseDate = date
        album.upc = upc
        album.trackTotal = total
        return album
    }
}
