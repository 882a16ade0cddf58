public import AudioFiles
public import Contracts
public import Foundation

extension AudioFixture {
    /// The tracks that `hdm-slskd-sim` shares by default.
    public static let demoTracks = [
        demoTrack("Marlene Quist", "Tide Tables", "Harbour Lights", "2021", 7),
        demoTrack("The Paper Orchard", "Paper Orchard", "Pressed Flowers", "2017", 1),
        demoTrack("Ánna Vega", "Långsamt", "Kvällsljus", "1998", 3),
        demoTrack("Night Bus Society", "Last Depot", "Last Stop", "2009", 2),
        demoTrack("DJ 9 Volt", "Nine Volt", "Batteries Not Included", "2003", 11),
    ]

    /// Writes the ``demoTracks`` to `directory`, as `Artist/2021 - Album/07 Title.flac`, with a realistic size.
    public static func writeDemoCollection(to directory: URL) throws {
        for track in demoTracks {
            var tags = AudioTags()
            (tags.artist, tags.title, tags.album) = (track.artist, track.title, track.album)
            let number = track.trackNumber.map { $0 < 10 ? "0\($0)" : "\($0)" } ?? ""
            let folder = "\(track.artist)/\(track.releaseDate ?? "") - \(track.album ?? "")"
            try copyWithRealisticSize(to: directory, named: "\(folder)/\(number) \(track.title)", tags: tags)
        }
    }

    /// Copies the FLAC file to `directory/name`, writes tags to the copy, and pads it to a realistic size. The match
    /// service rejects files of a few kilobytes.
    @discardableResult
    public static func copyWithRealisticSize(to directory: URL, named name: String, tags: AudioTags) throws -> URL {
        let file = try flac.copy(to: directory, named: name, tags: tags)
        var data = try Data(contentsOf: file)
        // Inserts a padding block (RFC 9639, section 8.3) after the first block, which has 38 bytes with its header.
        let size = 150_000
        let header: [UInt8] = [1, UInt8(size >> 16 & 0xFF), UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF)]
        data.insert(contentsOf: header + Array(repeating: 0, count: size), at: 42)
        try data.write(to: file)
        return file
    }

    private static func demoTrack(
        _ artist: String, _ title: String, _ album: String, _ year: String, _ number: Int
    ) -> Track {
        var track = Track(artist: artist, title: title, album: album)
        track.releaseDate = year
        track.trackNumber = number
        return track
    }
}
