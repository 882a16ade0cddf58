import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Tracks whose files peers share under descriptive names. No two files have the same content.
struct SharedCollection: Sendable {
    /// In the order of the tracks.
    let files: [SlskdSharedFile]
    let tracks: [Track]

    /// - Parameter unlucky: The number of tracks, from the first on, whose names resemble no other name.
    init(count: Int, unlucky: Int = 0, in folder: URL) throws {
        var files: [SlskdSharedFile] = []
        tracks = try (0..<count).map { index in
            var track = Track(artist: "The Paper Orchard", title: "Harbour \(Self.words[index % 10]) Number \(index)")
            if index < unlucky { track = Track(artist: "Greta Hollow", title: Self.otherTitles[index % 4]) }
            track.album = "Tide \(Self.words[index / 10 % 10])"
            track.durationMS = AudioFixture.flac.durationMS
            track.trackNumber = index % 10 + 1
            var tags = AudioTags()
            (tags.artist, tags.title, tags.album) = (track.artist, track.title, track.album)
            let name = "\(track.artist)/\(track.album ?? "")/\(index % 10 + 1) - \(track.title)"
            let file = try AudioFixture.copyWithRealisticSize(to: folder, named: name, tags: tags)
            try Self.mark(file, index)
            let path = #"@@music\Music\"# + name.replacing("/", with: "\\") + ".flac"
            files.append(try .audio(file, as: path))
            return track
        }
        self.files = files
    }

    var submission: Submission { Submission(items: tracks.map { SubmissionItem(track: $0) }) }

    /// Expects that the library contains every track once and with its content, except the first tracks.
    func expectContents(of library: Library, without first: Int = 0) throws {
        let paths = library.paths
        #expect(paths.count == tracks.count - first)
        var seen: Set<Int> = []
        for path in paths {
            let title = try library.file(path).tags.title
            let index = try #require(tracks.firstIndex { $0.title == title }, "\(path)")
            #expect(try Self.readMark(library.root.appending(path: path)) == index, "\(path)")
            #expect(seen.insert(index).inserted, "\(path)")
        }
    }

    /// Writes the index into the MD5 field of a FLAC file. Only a copy of the file has the same value there.
    private static func mark(_ file: URL, _ index: Int) throws {
        var data = try Data(contentsOf: file)
        data.replaceSubrange(sum, with: Array(repeating: 0xA5, count: 14) + [UInt8(index >> 8), UInt8(index & 0xFF)])
        try data.write(to: file)
    }

    private static func readMark(_ file: URL) throws -> Int {
        let bytes = Array(try Data(contentsOf: file)[sum])
        return Int(bytes[14]) << 8 | Int(bytes[15])
    }

    private static let sum = 26..<42

    private static let otherTitles = ["Quarry Hymn", "Thistle Road", "Monsoon Letter", "Velvet Anchor"]

    private static let words = [
        "Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Island", "Jade",
    ]
}
