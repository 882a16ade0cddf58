/// Everything that speaks for and against one offer, before it is weighed.
struct Evidence: Sendable {
    /// The parts of the score, each 0 … 1.
    var title = 0.0
    var artist = 0.0
    var duration = 0.5
    var album = 0.5
    var version = 1.0
    var vetoes: [Veto] = []
    /// Something needs a person's look, though nothing contradicts.
    var isDoubtful = false
    /// The title as the offer spells it, where that is not letter by letter the wanted one.
    var otherSpelling: String?

    private static let weights = (title: 0.36, artist: 0.26, duration: 0.22, album: 0.10, version: 0.06)

    var score: Double {
        let weights = Self.weights
        return weights.title * title + weights.artist * artist + weights.duration * duration + weights.album * album
            + weights.version * version
    }

    var components: [String: Double] {
        ["title": title, "artist": artist, "duration": duration, "album": album, "version": version]
    }
}
