import Contracts

/// The evidence for and against one offer.
struct Evidence: Sendable {
    /// The components of the score, each 0 … 1.
    var title = 0.0
    var artist = 0.0
    var duration = 0.5
    var album = 0.5
    var version = 1.0
    var vetoes: [Veto] = []
    /// Components that are not part of the score, because the request does not contain them.
    var ignoresDuration = false
    var ignoresAlbum = false
    /// Whether a person must decide, although nothing contradicts.
    var isDoubtful = false
    /// The spelling of the title if it differs from the wanted one.
    var otherSpelling: String?
    /// Whether the title differs by more than typing errors, but album, position and duration agree.
    var isIdentifiedByPosition = false
    /// Whether the spelling of the title differs in more than a small part.
    var isFarSpelling = false
    /// Whether the duration does not confirm the wanted recording.
    var isOffLength = false

    /// Whether words beside the title are accepted as its translation, which can also be the name of a version.
    var hasTranslation = false
    /// Whether the file is in a folder with exactly the wanted album's name, and names no other edition.
    var isWantedEdition = false

    /// Whether the title is nearly exact and the duration does not contradict.
    var isCertain: Bool { !isFarSpelling && !isOffLength }

    private static let weights = (title: 0.36, artist: 0.26, duration: 0.22, album: 0.10, version: 0.06)

    var score: Double {
        let weights = Self.weights
        var sum = weights.title * title + weights.artist * artist + weights.version * version
        var weighed = weights.title + weights.artist + weights.version
        if !ignoresDuration {
            sum += weights.duration * duration
            weighed += weights.duration
        }
        if !ignoresAlbum {
            sum += weights.album * album
            weighed += weights.album
        }
        return sum / weighed
    }

    var components: [String: Double] {
        ["title": title, "artist": artist, "duration": duration, "album": album, "version": version]
    }
}
