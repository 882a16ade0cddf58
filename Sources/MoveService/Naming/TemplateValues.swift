import Contracts

/// The known values of ``TemplateField`` for one file.
struct TemplateValues: Sendable, Equatable {
    private var values: [TemplateField: String] = [:]

    subscript(field: TemplateField) -> String? { values[field] }

    /// Takes the values of a job's track; when it has no album, those of the album in the file's own tags.
    ///
    /// The album comes from one origin as a whole, so that album, year and number of different releases never mix.
    init(_ track: Track, tags: FileAlbum? = nil, fileExtension: String) {
        let album = track.album.filled.map { _ in FileAlbum(track) } ?? tags ?? FileAlbum(track)
        set(.artist, track.artist)
        set(.title, track.title)
        set(.album, album.album)
        set(.albumArtist, album.albumArtist.filled ?? track.artists?.first.filled ?? track.artist)
        set(.year, Self.year(of: album.date))
        set(.track, album.trackNumber.flatMap { $0 > 0 ? String($0) : nil })
        set(.disc, album.isOnNamedDisc ? album.discNumber.map(String.init) : nil)
        set(.isrc, track.isrc)
        set(.genre, track.genres?.first)
        set(.fileExtension, fileExtension)
    }

    private mutating func set(_ field: TemplateField, _ value: String?) {
        guard let value = value.filled else { return }
        let cleaned = PathComponent.replaced(value)
        let name = PathComponent.trimmed(cleaned).isEmpty ? field.unknown : cleaned
        if !name.isEmpty { values[field] = name }
    }

    private static func year(of date: String?) -> String? {
        guard let year = date?.prefix(4), year.count == 4, year.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return year == "0000" ? nil : String(year)
    }
}

/// The album of a track and its position in it, from one origin: a job, or the tags of a file.
struct FileAlbum: Sendable, Equatable {
    var album: String?
    var albumArtist: String?
    var date: String?
    var trackNumber: Int?
    var discNumber: Int?
    var discTotal: Int?

    init() {}

    init(_ track: Track) {
        album = track.album
        albumArtist = track.albumArtist
        date = track.releaseDate
        trackNumber = track.trackNumber
        discNumber = track.discNumber
    }

    /// Whether the number of the disc is part of the name. A single disc has none.
    var isOnNamedDisc: Bool { (discNumber ?? 0) > 1 || ((discNumber ?? 0) == 1 && (discTotal ?? 1) > 1) }
}

extension String? {
    /// The text; `nil` when it is absent or only white space.
    var filled: String? { flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 } }
}
