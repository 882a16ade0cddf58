import AudioFiles
import AudioSources
import Contracts
import Fakes
import Foundation
import Testing

@Suite("Searching music folders")
struct FolderSearchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let artist: String
        let title: String
        let found: String
        var testDescription: String { "\(artist) – \(title)" }
    }

    static let cases = [
        Case(artist: "Bjork", title: "Joga", found: "a.ogg"),
        Case(artist: "BJÖRK", title: "JÓGA (Remastered 2015)", found: "a.ogg"),
        Case(artist: "Sigur Ros", title: "Agaetis byrjun", found: "b.ogg"),
        Case(artist: "YOASOBI", title: "夜に駆ける", found: "c.ogg"),
        Case(artist: "YOASOBI", title: "駆ける", found: "c.ogg"),
        Case(artist: "周杰倫", title: "夜曲", found: "d.ogg"),
        Case(artist: "아이유", title: "밤편지", found: "e.ogg"),
        Case(artist: "The Beatles", title: "Don't Let Me Down", found: "f.ogg"),
        Case(artist: "Beatles", title: "Dont let me down", found: "f.ogg"),
        Case(
            artist: "Daft Punk", title: "Get Lucky (feat. Pharrell Williams)", found: "Daft Punk/RAM/08 - Get Lucky.ogg"
        ),
        Case(artist: "deadmau5", title: "Strobe", found: "deadmau5_-_Strobe.ogg"),
        Case(artist: "Ed Sheeran", title: "÷", found: "g.ogg"),
        Case(artist: "Кино", title: "Группа крови", found: "h.ogg"),
        Case(artist: "Simon & Garfunkel", title: "America", found: "i.ogg"),
        Case(artist: "Motorhead", title: "Ace of Spades", found: "j.ogg"),
        Case(artist: "Nobody", title: "Strobe", found: "deadmau5_-_Strobe.ogg"),
    ]

    private func fill(_ folder: MusicFolder) throws {
        try folder.add("a", title: "Jóga", artist: "Björk")
        try folder.add("b", title: "Ágætis byrjun", artist: "Sigur Rós")
        try folder.add("c", title: "夜に駆ける", artist: "YOASOBI")
        try folder.add("d", title: "夜曲", artist: "周杰倫")
        try folder.add("e", title: "밤편지", artist: "아이유")
        try folder.add("f", title: "Don’t Let Me Down", artist: "The Beatles")
        try folder.add("Daft Punk/RAM/08 - Get Lucky")
        try folder.add("deadmau5_-_Strobe")
        try folder.add("g", title: "÷", artist: "Ed Sheeran")
        try folder.add("h", title: "Группа крови", artist: "Кино")
        try folder.add("i", title: "America", artist: "Simon and Garfunkel")
        try folder.add("j", title: "Ace Of Spades", artist: "Moto\u{308}rhead")
        for number in 0..<5 { try folder.add("noise \(number)", title: "The Night", artist: "The Others") }
    }

    @Test("Files are found in spite of different spellings")
    func finds() async throws {
        try await withMusicFolder { folder in
            try fill(folder)
            let source = try folder.source()
            await source.rescan()
            for wanted in Self.cases {
                let paths = try await source.paths(wanted.artist, wanted.title, in: folder)
                #expect(paths.first == wanted.found, "\(wanted.artist) – \(wanted.title): \(paths)")
            }
        }
    }

    @Test("A file is found by its ISRC, whatever its other tags are")
    func findsByISRC() async throws {
        try await withMusicFolder { folder in
            try folder.add("x", title: "Titel", artist: "Jemand", isrc: "us-rc1-76-07839", as: .mp3)
            let source = try folder.source()
            await source.rescan()
            var wanted = Track(artist: "Somebody", title: "Title")
            wanted.isrc = "USRC17607839"
            #expect(try await source.search(wanted, limit: 5).map(\.path).map { $0.hasSuffix("/x.mp3") } == [true])
            wanted.isrc = "USRC17607838"
            #expect(try await source.search(wanted, limit: 5).isEmpty)
        }
    }

    @Test("An offer contains the properties and tags of the file")
    func offers() async throws {
        try await withMusicFolder { folder in
            var tags = AudioTags()
            tags.title = "Song"
            tags.artist = "Artist"
            tags.album = "Album"
            tags.albumArtist = "Various"
            tags.trackNumber = 3
            tags.discNumber = 2
            tags.date = "1999"
            tags.isrc = "USRC17607839"
            let file = try AudioFixture.flac.copy(to: folder.music, named: "song", tags: tags)
            let broken = try folder.write(Data("no audio".utf8), to: "Artist - Song.mp3")
            let source = try folder.source()
            await source.rescan()
            let offers = try await source.search(Track(artist: "Artist", title: "Song"), limit: 5)
            let offer = try #require(offers.first { $0.path == file.filePath })
            #expect(offer.source == "folder")
            #expect(offer.size == Int64(try Data(contentsOf: file).count))
            #expect(offer.durationMS == 2000)
            #expect(offer.sampleRate == 22050)
            #expect(offer.bitDepth == 16)
            #expect(offer.tags?.title == "Song")
            #expect(offer.tags?.albumArtist == "Various")
            #expect(offer.tags?.trackNumber == 3)
            #expect(offer.tags?.discNumber == 2)
            #expect(offer.tags?.date == "1999")
            #expect(offer.tags?.isrc == "USRC17607839")
            let other = try #require(offers.first { $0.path == broken.filePath })
            #expect(other.tags == nil)
            #expect(other.durationMS == nil)
        }
    }

    @Test("The limit is respected, and the complete title is ranked first")
    func ranks() async throws {
        try await withMusicFolder { folder in
            for number in 0..<8 { try folder.add("n\(number)", title: "Blue Night \(number)", artist: "Artist") }
            try folder.add("z", title: "Blue Moon", artist: "Artist")
            let source = try folder.source()
            await source.rescan()
            let paths = try await source.paths("Artist", "Blue Moon", in: folder, limit: 3)
            #expect(paths.count == 3)
            #expect(paths.first == "z.ogg")
            #expect(try await source.paths("Artist", "Blue Moon", in: folder, limit: 0).isEmpty)
            #expect(try await source.paths("Artist", "Blue Moon", in: folder, limit: -1).isEmpty)
        }
    }

    @Test(
        "Any text can be a title",
        arguments: ["\"", "a\" OR *", "NEAR(", "{title}:x", "-", "()", "🎵", "\0"])
    func survivesSyntax(title: String) async throws {
        try await withMusicFolder { folder in
            try folder.add("Song")
            let source = try folder.source()
            await source.rescan()
            _ = try await source.paths(title, title, in: folder)
        }
    }

    @Test("A file that was added after the last scan is found")
    func rechecks() async throws {
        try await withMusicFolder { folder in
            try folder.add("Other", title: "Other", artist: "Artist")
            let source = try folder.source { $0.recheckAge = .zero }
            await source.rescan()
            try folder.add("New", title: "Brand New", artist: "Artist")
            #expect(try await source.paths("Artist", "Brand New", in: folder).first == "New.ogg")
            #expect(source.status.filesRead == 1)
        }
    }

    @Test("A person's own search words are found in any field")
    func findsAskedWords() async throws {
        try await withMusicFolder { folder in
            try folder.add("Box 3/tape side b", title: "Untitled", artist: "Unknown")
            try folder.add("Song", title: "Song", artist: "Artist")
            let source = try folder.source()
            await source.rescan()
            let wanted = Track(artist: "Artist", title: "Song")
            let offers = try await source.search(SearchQuery(.asked, "tape \"b (box"), for: wanted, limit: 5)
            #expect(offers.map(\.path).map { $0.contains("tape side b") } == [true])
            #expect(try await source.search(SearchQuery(.asked, "no such words"), for: wanted, limit: 5).isEmpty)
        }
    }

    @Test("Many searches without a result cause one scan")
    func scansOnce() async throws {
        try await withMusicFolder { folder in
            for number in 0..<30 { try folder.add("Song \(number)", title: "Song \(number)", artist: "Artist") }
            let source = try folder.source()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await source.search(Track(artist: "Nobody", title: "Nothing"), limit: 5).count }
                }
                for try await count in group { #expect(count == 0) }
            }
            #expect(source.status.filesRead == 30)
            #expect(source.status.filesIndexed == 30)
        }
    }

    @Test("The matcher gets the path below the root")
    func showsPathBelowRoot() async throws {
        try await withMusicFolder { folder in
            let file = try folder.add("Song", title: "Song", artist: "Artist")
            let source = try folder.source()
            await source.rescan()
            let offer = try #require(try await source.search(Track(artist: "Artist", title: "Song"), limit: 1).first)
            #expect(offer.path == file.filePath)
            #expect(offer.shownPath == "/" + file.lastPathComponent)
        }
    }

    @Test("A file that was removed after the last scan is not offered")
    func omitsGone() async throws {
        try await withMusicFolder { folder in
            let file = try folder.add("Song", title: "Song", artist: "Artist")
            let source = try folder.source()
            await source.rescan()
            try FileManager.default.removeItem(at: file)
            #expect(try await source.paths("Artist", "Song", in: folder).isEmpty)
        }
    }

    @Test("A search during the first scan fails instead of finding nothing")
    func refusesBeforeFirstScan() async throws {
        try await withMusicFolder { folder in
            let source = try folder.source {
                $0.roots.append(folder.base.appending(path: "not there"))
                $0.recheckWait = .milliseconds(100)
            }
            let error = await #expect(throws: SourceError.self) {
                try await source.search(Track(artist: "Artist", title: "Song"), limit: 5)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.retryMayHelp == true)
        }
    }
}
