import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Albums of ten tracks, of which peers share several editions. No two files have the same content.
struct AlbumCollection: Sendable {
    /// What a folder of a peer contains.
    enum Edition: Int, CaseIterable {
        case wanted, deluxe, japanese, live, compilation
    }

    static let size = 10
    let albums: Int
    /// In the order of the albums and their tracks.
    let tracks: [Track]
    private let folder: URL

    init(albums: Int, in folder: URL) throws {
        self.albums = albums
        self.folder = folder
        tracks = (0..<albums * Self.size).map { Self.track($0 / Self.size, $0 % Self.size) }
    }

    var submission: Submission { Submission(items: tracks.map { SubmissionItem(track: $0) }) }

    /// Makes the files of an edition of an album.
    func files(_ edition: Edition, of album: Int, tracks count: Int = size) throws -> [SlskdSharedFile] {
        try (0..<count).map { number in
            let index = album * Self.size + number
            let track = tracks[index]
            let path = "\(track.artist)/\(Self.folderName(edition, album))/\(number + 1) - \(track.title)"
            let file = folder.appending(path: path + ".flac")
            if !FileManager.default.fileExists(atPath: file.path) { try make(file, track, edition, index, path) }
            return try .audio(file, as: #"@@music\Albums\"# + path.replacing("/", with: "\\") + ".flac")
        }
    }

    private func make(_ file: URL, _ track: Track, _ edition: Edition, _ index: Int, _ path: String) throws {
        var tags = AudioTags()
        (tags.artist, tags.title, tags.album) = (track.artist, track.title, track.album)
        _ = try AudioFixture.copyWithRealisticSize(to: folder, named: path, tags: tags)
        var data = try Data(contentsOf: file)
        let mark = [UInt8(edition.rawValue), UInt8(index >> 8), UInt8(index & 0xFF)]
        data.replaceSubrange(Self.sum, with: Array(repeating: 0xA5, count: 13) + mark)
        try data.write(to: file)
    }

    /// Returns the edition and the track that the content of a file is from.
    static func origin(of file: URL) throws -> (edition: Edition?, index: Int) {
        let bytes = Array(try Data(contentsOf: file)[sum])
        return (Edition(rawValue: Int(bytes[13])), Int(bytes[14]) << 8 | Int(bytes[15]))
    }

    /// The MD5 field of a FLAC file. Only a copy of the file has the same value there.
    private static let sum = 26..<42

    private static func track(_ album: Int, _ number: Int) -> Track {
        var track = Track(artist: "The Paper Orchard", title: "\(firsts[album]) \(seconds[number])")
        track.album = "\(names[album]) Weather"
        track.albumArtist = track.artist
        track.durationMS = AudioFixture.flac.durationMS
        (track.trackNumber, track.trackTotal, track.discNumber) = (number + 1, size, 1)
        track.releaseDate = "\(2001 + album)-03-04"
        return track
    }

    private static func folderName(_ edition: Edition, _ album: Int) -> String {
        let name = "\(names[album]) Weather"
        return switch edition {
        case .wanted: name
        case .deluxe: "\(name) (Deluxe Edition)"
        case .japanese: "\(name) [Japanese Edition]"
        case .live: "\(name) Live"
        case .compilation: "The Best Of \(names[album]) Weather and Others"
        }
    }

    private static let names = [
        "Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Heath", "Island", "Juniper", "Kelp", "Larch",
    ]
    private static let firsts = [
        "Quarry", "Thistle", "Monsoon", "Velvet", "Copper", "Lantern", "Meadow", "Harvest", "Orchard", "Pebble",
        "Saffron", "Willow",
    ]
    private static let seconds = [
        "Hymn", "Road", "Letter", "Anchor", "Kitchen", "Window", "Ferry", "Garden", "Signal", "Morning",
    ]
}
