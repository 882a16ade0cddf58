import Contracts
import Foundation

/// Reads a playlist of files (M3U, M3U8). An entry is the text of `#EXTINF`, or else the name of the file.
enum M3UList {
    static func entries(_ text: String) -> [ImportList.Entry] {
        var entries: [ImportList.Entry] = []
        var comment = M3UComment()
        for (number, line) in text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || comment.read(line) { continue }
            entries.append(.init(line: number + 1, text: comment.text ?? line, item: item(line, comment)))
            comment = M3UComment(album: comment.album, artist: comment.artist)
        }
        return entries
    }

    private static func item(_ path: String, _ comment: M3UComment) -> SubmissionItem? {
        if comment.text == nil, let item = TextList.item(path), item.link != nil { return item }
        guard var track = TextList.track(comment.text ?? name(of: path)) ?? named(comment) else { return nil }
        track.album = track.album ?? comment.album
        track.durationMS = track.durationMS ?? comment.durationMS
        return SubmissionItem(track: track)
    }

    /// Returns the track when the artist has a line of its own; then `#EXTINF` has the title alone.
    private static func named(_ comment: M3UComment) -> Track? {
        guard let artist = comment.artist, let title = comment.text, artist.isUsable, title.isUsable else { return nil }
        return Track(artist: artist, title: title)
    }

    /// Returns the name of a file without its folder, its extension and a leading track number.
    private static func name(of path: String) -> String {
        let file = path.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? path
        let stem = file.replacing(/\.[A-Za-z0-9]{2,5}$/, with: "")
        return (stem.removingPercentEncoding ?? stem).replacing(/^[0-9]{1,3}[.\s_-]+/, with: "")
    }
}

/// The comments before the line of a file.
private struct M3UComment {
    var text: String?
    var durationMS: Int?
    var album: String?
    var artist: String?

    init(album: String? = nil, artist: String? = nil) {
        self.album = album
        self.artist = artist
    }

    /// Reads a line.
    /// - Returns: Whether the line is a comment, not a file.
    mutating func read(_ line: String) -> Bool {
        guard line.hasPrefix("#") else { return false }
        if let match = line.wholeMatch(of: /#EXTINF:\s*(-?[0-9]+)[^,]*,(.*)/) {
            durationMS = Int(match.1).flatMap { (1...86_400).contains($0) ? $0 * 1000 : nil }
            text = match.2.trimmingCharacters(in: .whitespaces)
        } else if let match = line.wholeMatch(of: /#EXTALB:(.+)/) {
            album = match.1.trimmingCharacters(in: .whitespaces)
        } else if let match = line.wholeMatch(of: /#EXTART:(.+)/) {
            artist = match.1.trimmingCharacters(in: .whitespaces)
        }
        return true
    }
}
