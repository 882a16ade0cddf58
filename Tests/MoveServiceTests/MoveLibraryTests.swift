import AudioFiles
import Contracts
import Fakes
import Files
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move into the library` {
    @Test func `a file gets its name in the library, and the job leaves only its marker`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let mover = try fixture.mover()
            #expect(try mover.move(job) == .moved(MoveFixture.first))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
            #expect(!fixture.hasStaging(job))
            #expect(fixture.staging.isFinished(job.job))
            #expect(try mover.index.move(of: job.job)?.state == .done)
            #expect(try mover.index.file(at: MoveFixture.first)?.jobID == job.job.text)
            let audit = try mover.index.audit()
            #expect(audit.map(\.action) == [.added])
            #expect(audit.first?.from == job.source)
            #expect(audit.first?.to == MoveFixture.first)
            #expect(audit.first?.actor == "move-test")
        }
    }

    @Test func `a repeated move of a completed job changes nothing and needs no source`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let mover = try fixture.mover()
            _ = try mover.move(job)
            #expect(try mover.move(job) == .moved(MoveFixture.first))
            try fixture.stage("a late copy", of: job.job)
            #expect(try mover.move(job) == .moved(MoveFixture.first))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
            #expect(try mover.index.audit().count == 1)
        }
    }

    @Test func `a missing source is reported and reserves no target`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            fixture.staging.removeFiles(of: job.job)
            let mover = try fixture.mover()
            #expect(try mover.move(job) == .sourceMissing)
            #expect(try mover.index.move(of: job.job) == nil)
            #expect(try fixture.files().isEmpty)
        }
    }

    @Test func `another file of the same name stays, and the new one is numbered`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.writeFile("another file", at: MoveFixture.first)
            try fixture.writeFile("a third file", at: "Artist/Album/01 Song (2).flac")
            let job = try fixture.job()
            #expect(try fixture.mover().move(job) == .moved("Artist/Album/01 Song (3).flac"))
            #expect(try fixture.files()[MoveFixture.first] == "another file")
            #expect(try fixture.files().count == 3)
        }
    }

    @Test func `a file of the same content is adopted and ends the job as a duplicate`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.writeFile("audio", at: MoveFixture.first)
            let job = try fixture.job(key: "key")
            let mover = try fixture.mover()
            #expect(try mover.move(job) == .duplicate(MoveFixture.first))
            #expect(try mover.index.file(at: MoveFixture.first)?.origin == .adopted)
            #expect(try mover.index.audit().map(\.action) == [.adopted, .duplicate])
            #expect(!fixture.hasStaging(job))
            #expect(try mover.move(job) == .duplicate(MoveFixture.first))
            #expect(
                try mover.move(fixture.job("Other title", content: "x", key: "key")) == .duplicate(MoveFixture.first))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
        }
    }

    @Test func `a file with the same audio and other tags is a duplicate`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let target = fixture.music.appending(path: "Artist/Album")
            try AudioFixture.flac.copy(to: target, named: "01 Song")
            let tagged = fixture.staging.folder(of: job.job).appending(path: "tagged.flac")
            try FileManager.default.removeItem(at: tagged)
            var tags = AudioTags()
            (tags.artist, tags.title, tags.trackNumber) = ("Another Artist", "Song", 4)
            try AudioFixture.flac.copy(to: fixture.staging.folder(of: job.job), named: "tagged", tags: tags)
            #expect(try fixture.mover().move(job) == .duplicate(MoveFixture.first))
            let present = try Data(contentsOf: target.appending(path: "01 Song.flac"))
            #expect(try present == Data(contentsOf: AudioFixture.flac.url))
        }
    }

    @Test func `the same request of another job ends as a duplicate, wherever the file is`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let mover = try fixture.mover()
            _ = try mover.move(try fixture.job(key: "key"))
            let second = try fixture.job("Elsewhere", content: "other", key: "key")
            #expect(try mover.move(second) == .duplicate(MoveFixture.first))
            #expect(!fixture.hasStaging(second))
            #expect(fixture.staging.isFinished(second.job))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
            #expect(try mover.index.audit().map(\.action) == [.added, .duplicate])
        }
    }

    @Test func `a forced job gets a name beside the other file, even with the same content`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let mover = try fixture.mover()
            _ = try mover.move(try fixture.job(key: "key"))
            let forced = try fixture.job(key: "key", force: true)
            #expect(try mover.move(forced) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try mover.move(forced) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.files().count == 2)
            #expect(try mover.move(try fixture.job(key: "key")) == .duplicate(MoveFixture.first))
        }
    }

    @Test func `a recording whose file was removed can be moved again`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let mover = try fixture.mover()
            _ = try mover.move(try fixture.job(key: "key"))
            try FileManager.default.removeItem(at: fixture.music.appending(path: MoveFixture.first))
            #expect(try mover.move(try fixture.job("New", key: "key")) == .moved("Artist/Album/01 New.flac"))
            #expect(try mover.index.files("key").map(\.path) == ["Artist/Album/01 New.flac"])
            #expect(try mover.index.audit().map(\.action) == [.added, .vanished, .added])
        }
    }
}
