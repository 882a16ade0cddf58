import AudioFiles
import Contracts
import Fakes
import Foundation

/// Tracks that exist as files in the source folder. Only the tags identify them, not the names.
struct Collection {
    let tracks: [Track]

    /// Creates `count` tagged files of all formats.
    init(count: Int, in source: URL, artist: String = "The Tape Loops") throws {
        tracks = try (0..<count).map { index in
            let fixture = AudioFixture.allCases[index % AudioFixture.allCases.count]
            var track = Track(artist: artist, title: "Melody \(Self.words[index % Self.words.count]) \(index)")
            track.album = "Album \(Self.words[(index / 10) % Self.words.count])"
            track.albumArtist = artist
            track.trackNumber = index % 10 + 1
            track.releaseDate = "1999"
            track.isrc = String(format: "QZHDM99%05d", index)
            try fixture.copy(to: source, named: "incoming/\(index % 7)/file \(index)", tags: Self.tags(track))
            return track
        }
    }

    /// A submission of all tracks.
    var submission: Submission {
        Submission(items: tracks.map { SubmissionItem(track: $0) })
    }

    private static func tags(_ track: Track) -> AudioTags {
        var tags = AudioTags()
        tags.artist = track.artist
        tags.title = track.title
        tags.album = track.album
        tags.isrc = track.isrc
        return tags
    }

    private static let words = [
        "Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Island", "Jade",
    ]
}

/// The files of a library.
struct Library {
    let root: URL

    /// The paths of all files, relative to the library, except the probes of the readiness check.
    var paths: [String] {
        let base = root.standardizedFileURL.path + "/"
        guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        return walk.compactMap { $0 as? URL }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false }
            .map { String($0.standardizedFileURL.path.dropFirst(base.count)) }
            .filter { !$0.hasPrefix(".hdm-probe-") }.sorted()
    }

    /// Reads a file of the library.
    func file(_ path: String) throws -> AudioFile { try AudioFile.read(at: root.appending(path: path).path) }
}
