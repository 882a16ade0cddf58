import Contracts
import Foundation

/// Reads a list with one entry per line: a link, `Artist - Title`, `Artist - Title (Album) mm:ss`,
/// `Artist - Title | Album | Year`, or artist and title separated by a tab.
enum TextList {
    static func entries(_ text: String) -> [ImportList.Entry] {
        text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            guard line.contains(where: { !$0.isWhitespace }) else { return nil }
            return ImportList.Entry(line: number + 1, text: line, item: item(line))
        }
    }

    /// Returns the item of a line; `nil` when the line is neither a link nor a track.
    static func item(_ line: some StringProtocol) -> SubmissionItem? {
        let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
        if CatalogueLink.looksLikeLink(text) { return SubmissionItem(link: text) }
        return track(text).map(SubmissionItem.init(track:))
    }

    /// Returns the track of a line; `nil` when the line does not have an artist and a title.
    static func track(_ text: String) -> Track? {
        let parts = text.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let names = parts.first else { return nil }
        let pair = names.split(separator: /\s+[-–—]\s+|\t/, maxSplits: 1)
        guard pair.count == 2 else { return nil }
        var ending = LineEnding(pair[1].trimmingCharacters(in: .whitespaces))
        if parts.count > 1, !parts[1].isEmpty { ending.album = parts[1] }
        let artist = pair[0].trimmingCharacters(in: .whitespaces)
        guard artist.isUsable, ending.title.isUsable else { return nil }
        var track = Track(artist: artist, title: ending.title, album: ending.album)
        track.durationMS = ending.durationMS
        if parts.count > 2, parts[2].wholeMatch(of: /[0-9]{4}/) != nil { track.releaseDate = parts[2] }
        return track
    }
}

/// A title that an album in parentheses and a duration may follow.
private struct LineEnding {
    var title: String
    var album: String?
    var durationMS: Int?

    /// Words in parentheses after a title that belong to a version, not to an album.
    private static var versions: Regex<Substring> {
        /(?i)\b(?:live|remix|mix|edit|version|remaster(?:ed)?|feat|ft|featuring|acoustic|demo|mono|stereo|cover)\b/
    }

    init(_ text: String) {
        title = text
        guard let match = text.firstMatch(of: /\s+\(?([0-9]{1,3}):([0-5][0-9])\)?$/) else { return }
        durationMS = ((Int(match.1) ?? 0) * 60 + (Int(match.2) ?? 0)) * 1000
        title = String(text[..<match.range.lowerBound])
        guard let group = title.firstMatch(of: /\s+\(([^()]+)\)$/), group.1.firstMatch(of: Self.versions) == nil
        else { return }
        album = String(group.1)
        title = String(title[..<group.range.lowerBound])
    }
}

extension String {
    /// Whether the text can be the name of an artist or a title in a job.
    var isUsable: Bool { contains { !$0.isWhitespace } && utf8.count <= 4096 }
}
