public import AudioFiles
public import Contracts
public import Foundation

extension AudioFixture {
    /// What the stand-in for slskd shares when nobody gives it a collection: few enough to be remembered.
    public static let demoTracks = [
        demoTrack("Marlene Quist", "Tide Tables", "Harbour Lights", "2021", 7),
        demoTrack("The Paper Orchard", "Paper Orchard", "Pressed Flowers", "2017", 1),
        demoTrack("Ánna Vega", "Långsamt", "Kvällsljus", "1998", 3),
        demoTrack("Night Bus Society", "Last Depot", "Last Stop", "2009", 2),
        demoTrack("DJ 9 Volt", "Nine Volt", "Batteries Not Included", "2003", 11),
    ]

    /// Fills `directory` with the ``demoTracks``, as `Artist/2021 - Album/07 Title.flac`, each as large as music of its
    /// length is.
    public static func demoCollection(in directory: URL) throws {
        for track in demoTracks {
            var tags = AudioTags()
            (tags.artist, tags.title, tags.album) = (track.artist, track.title, track.album)
            let number = track.trackNumber.map { $0 < 10 ? "0\($0)" : "\($0)" } ?? ""
            let folder = "\(track.artist)/\(track.releaseDate ?? "") - \(track.album ?? "")"
            try copyAsLargeAsMusic(to: directory, named: "\(folder)/\(number) \(track.title)", tags: tags)
        }
    }

    /// Copies the FLAC file to `directory/name`, tags the copy, and makes it as large as music of its length is: nobody
    /// takes a few kilobytes for a track.
    @discardableResult
    public static func copyAsLargeAsMusic(to directory: URL, named name: String, tags: AudioTags) throws -> URL {
        let file = try flac.copy(to: directory, named: name, tags: tags)
        var data = try Data(contentsOf: file)
        // A block of padding (RFC 9639, section 8.3) behind the first block, which has 38 bytes, its header included.
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
