import AudioFiles
import Contracts

/// The tags to write: what the job knows. What it does not know, the file keeps.
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

    /// Players group an album by its artist: one must be there, and must not be that of another album.
    private func albumArtist(_ main: String?, over present: AudioTags) -> String? {
        guard let album = tags.album else { return nil }
        let isSameAlbum = present.album?.lowercased() == album.lowercased()
        return isSameAlbum && present.albumArtist != nil ? nil : main ?? tags.artist
    }

    /// Whether a file already has every one of these tags.
    static func isHeld(_ tags: AudioTags, in present: AudioTags) -> Bool {
        func holds<Value: Equatable>(_ field: KeyPath<AudioTags, Value?>) -> Bool {
            tags[keyPath: field] == nil || tags[keyPath: field] == present[keyPath: field]
        }
        let texts = holds(\.title) && holds(\.artist) && holds(\.album) && holds(\.albumArtist) && holds(\.date)
        let numbers = holds(\.trackNumber) && holds(\.trackTotal) && holds(\.discNumber) && holds(\.isrc)
        return texts && numbers && (tags.genres.isEmpty || tags.genres == present.genres)
            && (tags.artists.isEmpty || tags.artists == present.artists)
    }

    /// Control characters end or split a tag in some formats.
    private static func text(_ value: String?) -> String? {
        let isPlain = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory != .control }
        let words = (value ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let kept = String(String.UnicodeScalarView(words.unicodeScalars.filter(isPlain)))
        return kept.isEmpty ? nil : kept
    }

    private static func count(_ value: Int?) -> Int? { value.flatMap { $0 > 0 ? $0 : nil } }

    private static func date(_ value: String) -> String? {
        value.wholeMatch(of: /\d{4}(-\d{2}(-\d{2})?)?/) == nil ? nil : value
    }
}
