import AudioFiles
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("Writing tags")
struct TagWritingTests {
    static let everyField: AudioTags = {
        var tags = AudioTags()
        tags.title = "Ágætis byrjun — 夜に駆ける 🎵"
        tags.artist = "Sigur Rós & Ютюб"
        tags.artists = ["Sigur Rós", "Ютюб"]
        tags.album = "Łódź × Ελλάδα"
        tags.albumArtist = "Various Ærtists"
        tags.trackNumber = 3
        tags.trackTotal = 12
        tags.discNumber = 1
        tags.discTotal = 2
        tags.date = "1999-06-12"
        tags.isrc = "ISA019900003"
        tags.genres = ["Post-Rock"]
        return tags
    }()

    @Test(arguments: AudioFixture.allCases)
    func `every field is read back as it was written`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            let file = try fixture.copy(to: folder, tags: Self.everyField)
            var read = try AudioFile.read(at: file.filePath).tags
            read.other = [:]
            #expect(read == Self.everyField)
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `another program reads the tags`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            let tags = Self.everyField
            let seen = try FFmpeg.tags(of: fixture.copy(to: folder, tags: tags))
            #expect(seen["title"] == tags.title)
            #expect(seen["artist"] == tags.artist)
            #expect(seen["album"] == tags.album)
            #expect(seen["album_artist"] ?? seen["albumartist"] == tags.albumArtist)
            #expect(seen["date"] == tags.date)
            #expect(seen["genre"] == tags.genres.first)
            #expect(seen["isrc"] ?? seen["tsrc"] == tags.isrc)
            let isXiph = [.flac, .vorbis, .opus].contains(fixture)
            #expect(seen["track"] == (isXiph ? "3" : "3/12"))
            #expect(seen["disc"] == (isXiph ? "1" : "1/2"))
            if isXiph { #expect(seen["tracktotal"] == "12" && seen["disctotal"] == "2") }
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `tags and pictures that are not written stay`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            var first = AudioTags()
            first.other = ["COMPOSER": ["Jón Þór"], "LYRICS": ["hægt\nog rólega"], "COMMENT": ["ripped by me"]]
            first.genres = ["Ambient"]
            first.trackNumber = 5
            first.trackTotal = 9
            let file = try fixture.copy(to: folder, tags: first)
            try AudioFile.embedFrontCover(pixel, mimeType: "image/png", in: file.filePath)

            var second = AudioTags()
            second.title = "Starálfur"
            second.trackNumber = 4
            try AudioFile.write(second, to: file.filePath)

            let read = try AudioFile.read(at: file.filePath)
            #expect(read.tags.title == "Starálfur")
            #expect(read.tags.trackNumber == 4)
            #expect(read.tags.trackTotal == 9)
            #expect(read.tags.genres == ["Ambient"])
            for (key, values) in first.other { #expect(read.tags.other[key] == values, "\(key)") }
            #expect(read.pictureCount == 1)
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `keys that TagLib has no name for stay`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            var tags = AudioTags()
            tags.other = ["HDMSHELF": ["ミュージック"]]
            let file = try fixture.copy(to: folder, tags: tags)
            try AudioFile.write(Self.everyField, to: file.filePath)
            #expect(try AudioFile.read(at: file.filePath).tags.other["HDMSHELF"] == ["ミュージック"])
            tags.other = ["HDMSHELF": []]
            try AudioFile.write(tags, to: file.filePath)
            #expect(try AudioFile.read(at: file.filePath).tags.other["HDMSHELF"] == nil)
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `empty, unusual and partial values are accepted`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            var tags = AudioTags()
            tags.title = "  two spaces, a\0 NUL and a\nline  "
            tags.artist = "AC/DC; \"x\" = [y], 50% \\ 17"
            tags.album = ""
            tags.genres = ["", "Drum & Bass", "Ragga/Jungle"]
            tags.trackNumber = 0
            tags.trackTotal = 7
            tags.other = ["LYRICS": [""]]
            let file = try fixture.copy(to: folder, tags: tags)
            let read = try AudioFile.read(at: file.filePath).tags
            #expect(read.title == "  two spaces, a NUL and a\nline  ")
            #expect(read.artist == tags.artist)
            #expect(read.album == nil)
            #expect(read.genres == ["Drum & Bass", "Ragga/Jungle"])
            #expect(read.trackNumber == nil)
            #expect(read.trackTotal == 7)
            #expect(read.other["LYRICS"] == nil)
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `an embedded front cover is replaced`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            let file = try fixture.copy(to: folder)
            #expect(try AudioFile.read(at: file.filePath).pictureCount == 0)
            for _ in 0..<2 { try AudioFile.embedFrontCover(pixel, mimeType: "image/png", in: file.filePath) }
            #expect(try AudioFile.read(at: file.filePath).pictureCount == 1)
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `the audio never changes, even with tags larger than their reserved space`(fixture: AudioFixture) async throws
    {
        try await AudioFixture.withFolder { folder in
            var tags = Self.everyField
            tags.other["LYRICS"] = [String(repeating: "langur texti ", count: 20_000)]
            let file = try fixture.copy(to: folder, tags: tags)
            #expect(try AudioDigest.compute(at: file.filePath) == AudioDigest.compute(at: fixture.url.filePath))
            #expect(try FFmpeg.decodedHash(of: file) == FFmpeg.decodedHash(of: fixture.url))
            #expect(try AudioVerification.examine(file.filePath).failures == [])
        }
    }

    @Test
    func `an MP3 file gets no ID3v1 tag and keeps an existing one`() async throws {
        try await AudioFixture.withFolder { folder in
            let plain = try AudioFixture.mp3.copy(to: folder, named: "plain", tags: Self.everyField)
            #expect(try Data(contentsOf: plain).suffix(128).starts(with: Data("TAG".utf8)) == false)

            let old = try AudioFixture.mp3.copy(to: folder, named: "old")
            let digest = try AudioDigest.compute(at: old.filePath)
            let handle = try FileHandle(forWritingTo: old)
            try handle.seekToEnd()
            let title = Data("Gamla lag".utf8)
            handle.write(Data("TAG".utf8) + title + Data(count: 125 - title.count))
            try handle.close()
            #expect(try AudioFile.read(at: old.filePath).tags.title == "Gamla lag")
            var tags = AudioTags()
            tags.artist = "Nýr"
            try AudioFile.write(tags, to: old.filePath)
            #expect(try AudioFile.read(at: old.filePath).tags.title == "Gamla lag")
            #expect(try AudioDigest.compute(at: old.filePath) == digest)
        }
    }

    @Test
    func `a missing file, a folder and other content are refused before writing`() async throws {
        try await AudioFixture.withFolder { folder in
            let text = folder.appending(path: "notes.mp3")
            try Data("this is not music".utf8).write(to: text)
            let missing = folder.appending(path: "missing.flac")
            #expect(failure(of: text) == .unrecognised)
            #expect(failure(of: missing) == .notFound)
            #expect(failure(of: folder) == .unreadable)
        }
    }
}

private func failure(of file: URL) -> AudioFileError.Code? {
    do throws(AudioFileError) {
        try AudioFile.write(TagWritingTests.everyField, to: file.filePath)
        return nil
    } catch {
        return error.code
    }
}

/// A PNG image of one pixel.
let pixel: [UInt8] = Array(
    Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    ) ?? Data())
