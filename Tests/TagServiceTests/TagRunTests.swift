import AudioFiles
import Contracts
import Fakes
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import TagService

@Suite struct `Tag a downloaded file` {
    @Test(arguments: AudioFixture.allCases)
    func `a copy has the wanted tags and the same audio, and the source is unchanged`(
        audio: AudioFixture
    ) async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, audio)
            fixture.job.track.trackNumber = 3
            fixture.job.track.trackTotal = 12
            fixture.job.track.discNumber = 2
            fixture.job.track.releaseDate = "1997-09-22"
            fixture.job.track.isrc = "gbbks9700092"
            fixture.job.track.genres = ["Electronic"]
            let before = try Data(contentsOf: URL(filePath: fixture.source))
            let section = try fixture.run.run().section
            #expect(section.path == "jobs/\(fixture.job.jobID)/tagged.\(audio.fileExtension)")
            let file = try fixture.file(section)
            let tags = try AudioFile.read(at: file).tags
            #expect(tags.title == "Title")
            #expect(tags.artist == "Artist")
            #expect(tags.album == "Album")
            #expect(tags.albumArtist == "Artist")
            #expect([tags.trackNumber, tags.trackTotal, tags.discNumber] == [3, 12, 2])
            #expect(tags.date == "1997-09-22")
            #expect(tags.isrc == "GBBKS9700092")
            #expect(tags.genres == ["Electronic"])
            #expect(try AudioDigest.compute(at: file) == AudioDigest.compute(at: fixture.source))
            #expect(try Data(contentsOf: URL(filePath: fixture.source)) == before)
            #expect(try fixture.names() == ["source.\(audio.fileExtension)", "tagged.\(audio.fileExtension)"])
            #expect(section.verification["complete"]?.stringValue?.isEmpty == false)
            #expect(section.verification["length"]?.stringValue?.hasPrefix("passed") == true)
            #expect(abs(section.durationMS - audio.durationMS) < 200)
        }
    }

    @Test func `tags of the file that the job does not set stay`() async throws {
        try await withTemporaryFolder { folder in
            var tags = AudioTags()
            (tags.title, tags.album, tags.albumArtist) = ("Old", "album", "The Band")
            (tags.trackNumber, tags.date, tags.genres) = (7, "1990", ["Jazz"])
            tags.other = ["COMMENT": ["of the file"]]
            let fixture = try TagFixture(folder, .flac, tags: tags)
            let written = try AudioFile.read(at: fixture.file(fixture.run.run().section)).tags
            #expect(written.title == "Title")
            #expect(written.albumArtist == "The Band")
            #expect(written.trackNumber == 7)
            #expect(written.date == "1990")
            #expect(written.genres == ["Jazz"])
            #expect(written.other["COMMENT"] == ["of the file"])
        }
    }

    @Test func `the album artist of another album is replaced`() async throws {
        try await withTemporaryFolder { folder in
            var tags = AudioTags()
            (tags.album, tags.albumArtist) = ("Hits of the Year", "Various Artists")
            let fixture = try TagFixture(folder, .flac, tags: tags)
            #expect(try AudioFile.read(at: fixture.file(fixture.run.run().section)).tags.albumArtist == "Artist")
        }
    }

    @Test func `control characters and blank texts are not written`() {
        var track = Track(artist: " A\u{0}B ", title: "a\n b", album: " ")
        (track.releaseDate, track.trackNumber, track.genres) = ("soon", 0, ["", "Pop"])
        let tags = WantedTags(track, over: AudioTags()).tags
        #expect(tags.artist == "AB")
        #expect(tags.title == "a b")
        #expect(tags.album == nil)
        #expect(tags.date == nil)
        #expect(tags.trackNumber == nil)
        #expect(tags.genres == ["Pop"])
    }

    @Test func `a repeated run uses the existing copy`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try TagFixture(folder, .mp3)
            let first = try fixture.run.run()
            let file = try fixture.file(first.section)
            let number = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
            let second = try fixture.run.run()
            #expect(try second == .tagged(first.section, isNew: false))
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int == number)
        }
    }

    @Test func `a copy of other audio or with other tags is replaced`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .aac)
            _ = try fixture.run.run()
            fixture.job.track.title = "Another"
            #expect(try fixture.run.run() == .tagged(fixture.run.run().section, isNew: true))
            let other = try AudioFixture.alac.copy(to: fixture.staging.folder(of: fixture.job.jobID), named: "new.m4a")
            try fixture.setSource(other)
            guard case .tagged(let section, let isNew) = try fixture.run.run() else { throw TagResult.NotTagged() }
            #expect(isNew)
            #expect(section.codec == "alac")
            #expect(try AudioDigest.compute(at: fixture.file(section)) == AudioDigest.compute(at: other.path))
        }
    }

    @Test func `a crash before the copy has its name leaves no tagged file`() async throws {
        struct Crash: Error {}
        try await withTemporaryFolder { folder in
            let fixture = try TagFixture(folder, .flac)
            var run = fixture.run
            run.beforeNaming = { throw Crash() }
            #expect(throws: Crash.self) { try run.run() }
            #expect(try !fixture.names().contains("tagged.flac"))
            let section = try fixture.run.run().section
            #expect(try AudioFile.read(at: fixture.file(section)).tags.title == "Title")
        }
    }

    @Test func `concurrent workers leave one complete copy`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try TagFixture(folder, .flac)
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { _ = try await fixture.handle() } }
                try await group.waitForAll()
            }
            #expect(try fixture.names() == ["source.flac", "tagged.flac"])
            let file = fixture.staging.folder(of: fixture.job.jobID).appending(path: "tagged.flac").path
            #expect(try AudioVerification.examine(file).isSound)
            #expect(try AudioFile.read(at: file).tags.title == "Title")
        }
    }

    @Test func `a cancelled run leaves no copy`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try TagFixture(folder, .flac)
            var run = fixture.run
            run.isCancelled = { true }
            #expect(throws: CancellationError.self) { try run.run() }
            #expect(try fixture.names() == ["source.flac"])
        }
    }

    @Test func `the extension is that of the content`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .mp3)
            try fixture.replaceSource(with: try Data(contentsOf: AudioFixture.mp3.url), named: "source.flac")
            #expect(try fixture.run.run().section.path.hasSuffix("/tagged.mp3"))
        }
    }
}
