import Contracts

/// Everything that speaks for and against one offer, before it is weighed.
struct Evidence: Sendable {
    /// The parts of the score, each 0 … 1.
    var title = 0.0
    var artist = 0.0
    var duration = 0.5
    var album = 0.5
    var version = 1.0
    var vetoes: [Veto] = []
    /// Parts that the wish says nothing of and that are therefore not weighed.
    var leavesOutDuration = false
    var leavesOutAlbum = false
    /// Something needs a person's look, though nothing contradicts.
    var isDoubtful = false
    /// The title as the offer spells it, where that is not letter by letter the wanted one.
    var otherSpelling: String?
    /// The title is spelt as fingers do not, but everything else of the album agrees.
    var isSpeltByPlace = false
    /// More than a letter of many differs.
    var isFarSpelling = false
    /// The length is neither that of the wanted recording nor clearly another.
    var isOffLength = false

    /// As good as letter by letter, and no length that speaks against it.
    var isSure: Bool { !isFarSpelling && !isOffLength }

    private static let weights = (title: 0.36, artist: 0.26, duration: 0.22, album: 0.10, version: 0.06)

    var score: Double {
        let weights = Self.weights
        var sum = weights.title * title + weights.artist * artist + weights.version * version
        var weighed = weights.title + weights.artist + weights.version
        if !leavesOutDuration {
            sum += weights.duration * duration
            weighed += weights.duration
        }
        if !leavesOutAlbum {
            sum += weights.album * album
            weighed += weights.album
        }
        return sum / weighed
    }

    var components: [String: Double] {
        ["title": title, "artist": artist, "duration": duration, "album": album, "version": version]
    }
}
