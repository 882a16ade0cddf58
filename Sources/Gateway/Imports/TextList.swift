import Contracts
import Foundation
import Metadata

/// A list with one wish a line: a link, `Artist - Title`, `Artist - Title (Album) mm:ss`,
/// `Artist - Title | Album | Year`, or artist and title with a tab between them.
enum TextList {
    static func entries(_ text: String) -> [ImportList.Entry] {
        text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            guard line.contains(where: { !$0.isWhitespace }) else { return nil }
            return ImportList.Entry(line: number + 1, text: line, item: item(line))
        }
    }

    /// The wish of a line; `nil` when it is none.
    static func item(_ line: some StringProtocol) -> SubmissionItem? {
        let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
        if CatalogueLink.looksLikeLink(text) { return SubmissionItem(link: text) }
        return track(text).map(SubmissionItem.init(track:))
    }

    /// The track of a line; `nil` when it names no artist and title.
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

/// A title with what may stand behind it: an album in parentheses and a duration.
private struct LineEnding {
    var title: String
    var album: String?
    var durationMS: Int?

    /// What people put in parentheses behind a title, and is no album.
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
    /// Whether it may be the name of an artist or a title in a job.
    var isUsable: Bool { contains { !$0.isWhitespace } && utf8.count <= 4096 }
}
