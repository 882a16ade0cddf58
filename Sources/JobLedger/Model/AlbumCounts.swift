import Contracts
import Foundation

/// How many tracks of each album a submission wants.
struct AlbumCounts {
    private struct Album: Hashable {
        let artist: String
        let name: String

        /// `nil` for a track without the name of an album.
        init?(of track: Track) {
            name = Self.folded(track.album ?? "")
            artist = Self.folded(track.albumArtist ?? track.artist)
            if name.isEmpty { return nil }
        }

        private static func folded(_ text: String) -> String {
            text.folding(options: [.caseInsensitive, .widthInsensitive], locale: nil)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private var counts: [Album: Int] = [:]

    init(_ submission: Submission) {
        for item in submission.items where item.link == nil {
            if let album = Album(of: item.track) { counts[album, default: 0] += 1 }
        }
    }

    /// Returns how many tracks of the track's album are wanted, it included; `nil` when it is the only one.
    func jobs(beside track: Track) -> Int? {
        let count = Album(of: track).flatMap { counts[$0] } ?? 0
        return count > 1 ? count : nil
    }
}
