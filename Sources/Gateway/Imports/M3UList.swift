import Contracts
import Foundation

/// A playlist of files (M3U, M3U8): what `#EXTINF` says of each, else the name of the file.
enum M3UList {
    static func entries(_ text: String) -> [ImportList.Entry] {
        var entries: [ImportList.Entry] = []
        var note = M3UNote()
        for (number, line) in text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || note.take(line) { continue }
            entries.append(.init(line: number + 1, text: note.text ?? line, item: item(line, note)))
            note = M3UNote(album: note.album, artist: note.artist)
        }
        return entries
    }

    private static func item(_ path: String, _ note: M3UNote) -> SubmissionItem? {
        if note.text == nil, let item = TextList.item(path), item.link != nil { return item }
        guard var track = TextList.track(note.text ?? name(of: path)) ?? named(note) else { return nil }
        track.album = track.album ?? note.album
        track.durationMS = track.durationMS ?? note.durationMS
        return SubmissionItem(track: track)
    }

    /// Where the artist has a line of its own, `#EXTINF` has the title alone.
    private static func named(_ note: M3UNote) -> Track? {
        guard let artist = note.artist, let title = note.text, artist.isUsable, title.isUsable else { return nil }
        return Track(artist: artist, title: title)
    }

    /// The name of a file without its place, its ending and a track number before it.
    private static func name(of path: String) -> String {
        let file = path.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? path
        let stem = file.replacing(/\.[A-Za-z0-9]{2,5}$/, with: "")
        return (stem.removingPercentEncoding ?? stem).replacing(/^[0-9]{1,3}[.\s_-]+/, with: "")
    }
}

/// What the lines before a file say of it.
private struct M3UNote {
    var text: String?
    var durationMS: Int?
    var album: String?
    var artist: String?

    init(album: String? = nil, artist: String? = nil) {
        self.album = album
        self.artist = artist
    }

    /// - Returns: whether the line says something about files, and is none.
    mutating func take(_ line: String) -> Bool {
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
