import Contracts
import Foundation
import Testing

@testable import Imports

@Suite struct ImportFormatTests {
    private static func items(_ text: String, _ type: String?) throws -> [SubmissionItem?] {
        let body = Data(text.utf8)
        return try ImportFormat(contentType: type, body).read(body).entries.map(\.item)
    }

    private static func tracks(_ text: String, _ type: String?) throws -> [Track?] {
        try items(text, type).map { $0?.track }
    }

    @Test(
        arguments: [
            ("Nina Simone - Sinnerman", "Nina Simone", "Sinnerman", nil, nil),
            ("Nina Simone – Sinnerman (Pastel Blues) 10:22", "Nina Simone", "Sinnerman", "Pastel Blues", 622_000),
            ("Nina Simone - Sinnerman (Live at X) 10:22", "Nina Simone", "Sinnerman (Live at X)", nil, 622_000),
            ("Nina Simone - Sinnerman (Felix da Housecat)", "Nina Simone", "Sinnerman (Felix da Housecat)", nil, nil),
            ("Nina Simone - Sinnerman | Pastel Blues | 1965", "Nina Simone", "Sinnerman", "Pastel Blues", nil),
            ("Nina Simone\tSinnerman", "Nina Simone", "Sinnerman", nil, nil),
            ("Jay-Z - 99 Problems", "Jay-Z", "99 Problems", nil, nil),
            ("A - B - C", "A", "B - C", nil, nil),
        ] as [(String, String, String, String?, Int?)])
    func `A line names artist and title, perhaps album and duration`(
        _ line: String, _ artist: String, _ title: String, _ album: String?, _ duration: Int?
    ) throws {
        let track = try #require(TextList.track(line))
        #expect(track.artist == artist)
        #expect(track.title == title)
        #expect(track.album == album)
        #expect(track.durationMS == duration)
    }

    @Test(arguments: ["Sinnerman", "- Sinnerman", "Nina - ", "|", ""])
    func `A line that names no artist and title is no request`(_ line: String) {
        #expect(TextList.item(line) == nil)
    }

    @Test func `A table with named columns is read, quotes and line ends within cells included`() throws {
        let tracks = try Self.tracks(
            "\u{FEFF}Track Name;Artist Name(s);ISRC;Duration (ms)\r\n"
                + "\"Feeling; \"\"Good\"\"\nIndeed\";Nina Simone;USPR37300012;176000\r\n;;;\r\nSolo;;;\r\n", "text/csv")
        #expect(tracks.count == 2)
        #expect(tracks[0]?.title == "Feeling; \"Good\"\nIndeed")
        #expect(tracks[0]?.artist == "Nina Simone")
        #expect(tracks[0]?.isrc == "USPR37300012")
        #expect(tracks[0]?.durationMS == 176_000)
        #expect(tracks[1] == nil)
    }

    @Test func `A table without names has artist, title and album, or a request a row`() throws {
        #expect(try Self.tracks("A,T,L\nB,U", "text/csv").map { $0?.album } == ["L", nil])
        #expect(try Self.items("spotify:saved\nA - T", "text/csv").map { $0?.link } == ["spotify:saved", nil])
        #expect(try Self.items("url\nspotify:saved", "text/csv").map { $0?.link } == ["spotify:saved"])
    }

    @Test func `A playlist of files is read by its comments, else by the names of the files`() throws {
        let tracks = try Self.tracks(
            "#EXTM3U\n#EXTALB:Pastel Blues\n#EXTINF:622,Nina Simone - Sinnerman\n/music/x.flac\n"
                + "#EXTINF:-1,Nina Simone - Strange Fruit\ny.mp3\nC:\\music\\03 - Nina Simone - Be My Husband.mp3\n"
                + "../noise.mp3\n", nil)
        #expect(tracks.map { $0?.title } == ["Sinnerman", "Strange Fruit", "Be My Husband", nil])
        #expect(tracks.map { $0?.durationMS } == [622_000, nil, nil, nil])
        #expect(tracks[0]?.album == "Pastel Blues")
    }
}
