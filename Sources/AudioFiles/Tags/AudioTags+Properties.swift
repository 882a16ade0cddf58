extension AudioTags {
    /// The keys of TagLib's property map that have a field of their own.
    private enum Key {
        static let title = "TITLE"
        static let artist = "ARTIST"
        static let artists = "ARTISTS"
        static let album = "ALBUM"
        static let albumArtist = "ALBUMARTIST"
        static let track = "TRACKNUMBER"
        static let disc = "DISCNUMBER"
        static let date = "DATE"
        static let isrc = "ISRC"
        static let genre = "GENRE"
        /// The names of a separate total. The first one is written.
        static let trackTotals = ["TRACKTOTAL", "TOTALTRACKS"]
        static let discTotals = ["DISCTOTAL", "TOTALDISCS"]

        static let all = Set(
            [title, artist, artists, album, albumArtist, track, disc, date, isrc, genre] + trackTotals + discTotals)
    }

    init(properties: [String: [String]]) {
        func text(_ key: String) -> String? { properties[key]?.first { !$0.isEmpty } }
        title = text(Key.title)
        artist = properties[Key.artist].map { $0.joined(separator: ", ") }
        let credited = properties[Key.artist] ?? []
        artists = properties[Key.artists] ?? (credited.count > 1 ? credited : [])
        album = text(Key.album)
        albumArtist = text(Key.albumArtist)
        date = text(Key.date)
        isrc = text(Key.isrc)
        genres = properties[Key.genre] ?? []
        let track = Position(text(Key.track), total: Key.trackTotals.lazy.compactMap(text).first)
        (trackNumber, trackTotal) = (track.number, track.total)
        let disc = Position(text(Key.disc), total: Key.discTotals.lazy.compactMap(text).first)
        (discNumber, discTotal) = (disc.number, disc.total)
        other = properties.filter { !Key.all.contains($0.key) }
    }

    /// Returns the changes for a file with the tags `present`: the new values by key, none to remove the key.
    func properties(_ numbering: TagNumbering, over present: AudioTags) -> [String: [String]] {
        var changes = other.mapValues(Self.writable)
        let texts = [
            (Key.title, title), (Key.artist, artist), (Key.album, album), (Key.albumArtist, albumArtist),
            (Key.date, date), (Key.isrc, isrc),
        ]
        let lists = texts.map { ($0, [$1].compactMap(\.self)) } + [(Key.artists, artists), (Key.genre, genres)]
        for (key, values) in lists {
            let values = Self.writable(values)
            if !values.isEmpty { changes[key] = values }
        }
        let track = Position(trackNumber, total: trackTotal)
        if !track.isEmpty {
            let track = track.completed(by: Position(present.trackNumber, total: present.trackTotal))
            changes.merge(track.properties(Key.track, Key.trackTotals, numbering)) { $1 }
        }
        let disc = Position(discNumber, total: discTotal)
        if !disc.isEmpty {
            let disc = disc.completed(by: Position(present.discNumber, total: present.discTotal))
            changes.merge(disc.properties(Key.disc, Key.discTotals, numbering)) { $1 }
        }
        return changes
    }

    /// Removes empty texts, and the NUL character, which ends a text in some formats.
    private static func writable(_ values: [String]) -> [String] {
        values.map { $0.filter { $0 != "\0" } }.filter { !$0.isEmpty }
    }
}

/// A position in a sequence, such as 3 of 12.
private struct Position {
    var number: Int?
    var total: Int?

    var isEmpty: Bool { number == nil && total == nil }

    /// Reads two numbers; 0 means absent.
    init(_ number: Int?, total: Int?) {
        self.number = number.flatMap { $0 > 0 ? $0 : nil }
        self.total = total.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Reads `3` or `03/12`, and the total from a separate field.
    init(_ text: String?, total beside: String?) {
        let parts = (text ?? "").split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Int($0.filter { !$0.isWhitespace }) }
        self.init(parts.first ?? nil, total: (parts.count > 1 ? parts[1] : nil) ?? beside.flatMap { Int($0) })
    }

    func completed(by other: Position) -> Position {
        Position(number ?? other.number, total: total ?? other.total)
    }

    func properties(_ key: String, _ totalKeys: [String], _ numbering: TagNumbering) -> [String: [String]] {
        var changes: [String: [String]] = [:]
        switch numbering {
        case .separateTotal:
            // Two names of the total in one file could have different values.
            for totalKey in totalKeys { changes[totalKey] = [] }
            if let total, let totalKey = totalKeys.first { changes[totalKey] = [String(total)] }
            changes[key] = number.map { [String($0)] } ?? []
        case .oneText:
            let total = total.map { "/\($0)" } ?? ""
            changes[key] = ["\(number ?? 0)\(total)"]
        }
        return changes
    }
}
