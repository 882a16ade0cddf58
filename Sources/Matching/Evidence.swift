import Contracts

/// Everything that speaks for and against one offer, before it is weighed.
struct Evidence: Sendable {
    var title = 0.0
    var artist = 0.0
    /// `nil` when a length is unknown.
    var duration: Double?
    var album = 0.0
    var version = 0.0
    /// Offers of other peers that look the same.
    var peers = 0.0
    var vetoes: [Veto] = []
    /// Reasons to ask a person, though nothing contradicts.
    var isDoubtful = false

    private static let weights = (title: 0.34, artist: 0.24, duration: 0.22, album: 0.10, version: 0.06, peers: 0.04)

    var score: Double {
        let weights = Self.weights
        return weights.title * title + weights.artist * artist + weights.duration * (duration ?? 0.5)
            + weights.album * album + weights.version * version + weights.peers * peers
    }

    var components: [String: Double] {
        [
            "title": title, "artist": artist, "duration": duration ?? 0.5, "album": album, "version": version,
            "peers": peers,
        ]
    }
}
