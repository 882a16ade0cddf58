import Contracts
import Foundation
import Testing

@testable import MoveService

@Suite struct `Move template` {
    static let full: Track = {
        var track = Track(artist: "Björk", title: "Hunter", album: "Homogenic")
        track.releaseDate = "1997-09-22"
        track.trackNumber = 1
        track.isrc = "GBBKS9700092"
        track.genres = ["Electronic", "Pop"]
        return track
    }()

    static func path(
        _ template: String, _ change: (inout Track) -> Void = { _ in }, tags: FileAlbum? = nil
    ) throws
        -> String
    {
        var track = full
        change(&track)
        let path = try MoveTemplate(template).path(TemplateValues(track, tags: tags, fileExtension: "FLAC"))
        return (path.folders + [path.fileName()]).joined(separator: "/")
    }

    @Test func `the standard template names artist, year, album, track and title`() throws {
        #expect(try Self.path(MoveTemplate.standard) == "Björk/1997 - Homogenic/01 Hunter.flac")
    }

    @Test func `absent values are removed with their separators`() throws {
        #expect(try Self.path(MoveTemplate.standard) { $0.releaseDate = nil } == "Björk/Homogenic/01 Hunter.flac")
        #expect(try Self.path(MoveTemplate.standard) { $0.trackNumber = nil } == "Björk/1997 - Homogenic/Hunter.flac")
        #expect(try Self.path(MoveTemplate.standard) { $0.album = nil } == "Björk/Singles/01 Hunter.flac")
        #expect(try Self.path(MoveTemplate.standard) { $0.album = "  " } == "Björk/Singles/01 Hunter.flac")
    }

    @Test func `a plain template drops the separators and brackets of absent values`() throws {
        let bare = "/music/{Artist}/{Year} - {Album}/{Track:02d} {Title}.{ext}"
        #expect(try Self.path(bare) == "Björk/1997 - Homogenic/01 Hunter.flac")
        #expect(try Self.path(bare) { $0.releaseDate = nil } == "Björk/Homogenic/01 Hunter.flac")
        #expect(try Self.path("{Title} [{ISRC}].{ext}") { $0.isrc = nil } == "Hunter.flac")
        #expect(try Self.path("{Title} [{ISRC}].{ext}") == "Hunter [GBBKS9700092].flac")
        #expect(try Self.path("{Artist} - {Year} - {Title}") { $0.releaseDate = nil } == "Björk - Hunter.flac")
        #expect(
            try Self.path("{Genre}/{Title} ({Year})") {
                $0.genres = []; $0.releaseDate = ""
            } == "Hunter.flac")
        #expect(try Self.path("{Genre}/{Title} ({Year})") == "Electronic/Hunter (1997).flac")
        #expect(try Self.path("Disc {Disc}/{Title}") == "Hunter.flac")
    }

    @Test func `the disc is in the name from the second on, or when there are several`() throws {
        #expect(try Self.path(MoveTemplate.standard) { $0.discNumber = 1 }.hasSuffix("/01 Hunter.flac"))
        #expect(try Self.path(MoveTemplate.standard) { $0.discNumber = 2 }.hasSuffix("/2-01 Hunter.flac"))
        var tags = FileAlbum()
        (tags.album, tags.discNumber, tags.discTotal, tags.trackNumber) = ("Box", 1, 3, 4)
        #expect(try Self.path(MoveTemplate.standard, { $0.album = nil }, tags: tags) == "Björk/Box/1-04 Hunter.flac")
    }

    @Test func `the tags of the file count only where the job names no album`() throws {
        var tags = FileAlbum()
        (tags.album, tags.albumArtist, tags.date, tags.trackNumber) = ("Hits", "Various", "2001", 17)
        #expect(try Self.path(MoveTemplate.standard, tags: tags) == "Björk/1997 - Homogenic/01 Hunter.flac")
        #expect(
            try Self.path(MoveTemplate.standard, { $0.album = nil }, tags: tags) == "Various/2001 - Hits/17 Hunter.flac"
        )
    }

    @Test func `values cannot add or leave folders`() throws {
        #expect(
            try Self.path("{Artist}/{Album}/{Title}") { track in
                (track.artist, track.album, track.title) = ("AC/DC", "..", "../../etc/passwd")
            } == "AC-DC/Unknown Album/-..-etc-passwd.flac")
        #expect(try Self.path("{Artist}/{Title}") { $0.artist = "." } == "Unknown Artist/Hunter.flac")
        #expect(try Self.path("{Title}") { $0.title = "a\0b\nc" } == "ab c.flac")
    }

    @Test(arguments: [
        ("{Foo}/{Title}", "unknown field {Foo}"), ("{Title", "'{' without a '}'"), ("Title}", "'}' without a '{'"),
        ("../{Title}", "must not leave the library"), ("{Artist}/./{Title}", "must not leave the library"),
        ("/srv/{Title}", "below MUSIC_DIR"), ("", "is empty"), ("/", "below MUSIC_DIR"), ("/music/", "is empty"),
        ("{Artist}/{Album}", "so that tracks get different names"),
        ("{Artist}/song.{ext}", "so that tracks get different names"),
        ("{Title:02d}", "which is text"), ("{Track:2x} {Title}", "unknown field"), ("{{Title}}", "unknown field"),
        ("{A/B}{Title}", "'{' without a '}'"), ("{}{Title}", "unknown field"), ("{Title}\u{7}", "control characters"),
        (String(repeating: "a/", count: 12) + "{Title}", "more than 12 folders"),
    ])
    func `a template that cannot work is refused with the reason`(text: String, reason: String) {
        let problem = #expect(throws: MoveTemplate.Problem.self) { try MoveTemplate(text) }
        #expect(problem?.description.contains(reason) == true)
    }

    @Test func `the music folder at the beginning of a template is removed`() throws {
        let library = URL(filePath: "/data/library/")
        let plain = try MoveTemplate("{Artist}/{Title}")
        #expect(try MoveTemplate("/data/library/{Artist}/{Title}", library: library) == plain)
        #expect(try MoveTemplate("/music/{artist}/{TITLE}.{ext}", library: library) == plain)
    }

    @Test func `a path of long names stays within its limit and keeps the extension`() throws {
        let template = Array(repeating: "{Album}", count: 10).joined(separator: "/") + "/{Title}.{ext}"
        let path = try Self.path(template) { track in
            track.album = String(repeating: "é", count: 2000)
            track.title = String(repeating: "👩‍👩‍👧", count: 200)
        }
        #expect(path.utf8.count <= LibraryPath.longest)
        #expect(path.hasSuffix("👩‍👩‍👧.flac"))
    }
}
