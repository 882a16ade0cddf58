import Foundation

/// The key that identifies equal requests, so that a recording is downloaded only once.
public enum DedupeKey {
    /// Returns the key of a request.
    ///
    /// The key is the first of these that exists: the explicit key; the ISRC, if it is well-formed; artist, title and
    /// album in a form that ignores case, width and white space; `spotify:<id>` for a track without names. A malformed
    /// ISRC identifies nothing, because lists use placeholders such as `N/A` for many recordings.
    /// - Parameter batch: the prefix of the batch. Requests with different prefixes are different.
    public static func of(_ track: Track, explicit: String? = nil, batch: String? = nil) -> String {
        let key =
            explicit.nonEmpty ?? track.isrc.flatMap(ISRC.init)?.text ?? spotifyID(of: track) ?? names(of: track)
        return batch.nonEmpty.map { "\($0):\(key)" } ?? key
    }

    private static func spotifyID(of track: Track) -> String? {
        track.isNamed ? nil : track.spotifyID.nonEmpty.map { "spotify:\($0)" }
    }

    /// Returns the names as a key. A track without names has only a malformed ISRC, which becomes part of the key, so
    /// that different ones are not merged.
    private static func names(of track: Track) -> String {
        let names = [track.artist, track.title, track.album ?? ""] + (track.isNamed ? [] : [track.isrc ?? ""])
        return names.map(normalise).joined(separator: "|")
    }

    private static func normalise(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.lowercased()
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .replacing("|", with: "/")
    }
}

extension String? {
    /// The text, unless it is absent or only white space.
    fileprivate var nonEmpty: String? {
        guard let text = self?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else { return nil }
        return text
    }
}
