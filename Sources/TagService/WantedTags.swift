import AudioFiles
import Contracts

/// The tags to write: the known fields of the job. All other tags of the file stay.
struct WantedTags: Sendable, Equatable {
    private(set) var tags = AudioTags()

    init(_ track: Track, over present: AudioTags) {
        tags.title = Self.text(track.title)
        tags.artist = Self.text(track.artist)
        let artists = (track.artists ?? []).compactMap(Self.text)
        tags.artists = artists.count > 1 ? artists : []
        tags.album = Self.text(track.album)
        tags.albumArtist = Self.text(track.albumArtist) ?? albumArtist(artists.first, over: present)
        tags.trackNumber = Self.count(track.trackNumber)
        tags.trackTotal = Self.count(track.trackTotal)
        tags.discNumber = Self.count(track.discNumber)
        tags.date = track.releaseDate.flatMap(Self.date)
        tags.isrc = track.isrc.flatMap(ISRC.init)?.text
        tags.genres = (track.genres ?? []).compactMap(Self.text)
    }

    /// Players group an album by its artist, so one must be set, and it must not be that of another album.
    private func albumArtist(_ main: String?, over present: AudioTags) -> String? {
        guard let album = tags.album else { return nil }
        let isSameAlbum = present.album?.lowercased() == album.lowercased()
        return isSameAlbum && present.albumArtist != nil ? nil : main ?? tags.artist
    }

    /// Whether the tags of a file contain all of the wanted ones.
    static func areIn(_ present: AudioTags, _ tags: AudioTags) -> Bool {
        func has<Value: Equatable>(_ field: KeyPath<AudioTags, Value?>) -> Bool {
            tags[keyPath: field] == nil || tags[keyPath: field] == present[keyPath: field]
        }
        let texts = has(\.title) && has(\.artist) && has(\.album) && has(\.albumArtist) && has(\.date)
        let numbers = has(\.trackNumber) && has(\.trackTotal) && has(\.discNumber) && has(\.isrc)
        return texts && numbers && (tags.genres.isEmpty || tags.genres == present.genres)
            && (tags.artists.isEmpty || tags.artists == present.artists)
    }

    /// Removes control characters, which end or split a tag in some formats, and collapses white space.
    private static func text(_ value: String?) -> String? {
        let isPlain = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory != .control }
        let words = (value ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let text = String(String.UnicodeScalarView(words.unicodeScalars.filter(isPlain)))
        return text.isEmpty ? nil : text
    }

    private static func count(_ value: Int?) -> Int? { value.flatMap { $0 > 0 ? $0 : nil } }

    private static func date(_ value: String) -> String? {
        value.wholeMatch(of: /\d{4}(-\d{2}(-\d{2})?)?/) == nil ? nil : value
    }
}
