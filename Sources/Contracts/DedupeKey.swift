import Foundation

/// The key by which two wishes are the same wish: it decides that nothing is fetched twice.
public enum DedupeKey {
    /// The key of a wish: the explicit one, else the ISRC in upper case, else artist, title and album in a form that
    /// ignores case, width and white space, else `spotify:<id>`; behind `<batch>:` when the batch has a key of its own.
    public static func of(_ track: Track, explicit: String? = nil, batch: String? = nil) -> String {
        let key = explicit.nonEmpty ?? track.isrc.nonEmpty.map(plainISRC) ?? id(of: track) ?? names(of: track)
        return batch.nonEmpty.map { "\($0):\(key)" } ?? key
    }

    private static func plainISRC(_ isrc: String) -> String {
        String(isrc.uppercased().filter { $0.isLetter || $0.isNumber })
    }

    private static func id(of track: Track) -> String? {
        track.isNamed ? nil : track.spotifyID.nonEmpty.map { "spotify:\($0)" }
    }

    private static func names(of track: Track) -> String {
        [track.artist, track.title, track.album ?? ""].map(normalise).joined(separator: "|")
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
