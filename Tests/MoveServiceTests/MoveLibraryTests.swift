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
            try fixture.put("another file", at: MoveFixture.first)
            try fixture.put("a third file", at: "Artist/Album/01 Song (2).flac")
            let job = try fixture.job()
            #expect(try fixture.mover().move(job) == .moved("Artist/Album/01 Song (3).flac"))
            #expect(try fixture.files()[MoveFixture.first] == "another file")
            #expect(try fixture.files().count == 3)
        }
    }

    @Test func `a file of the same content is adopted and ends the job as a duplicate`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.put("audio", at: MoveFixture.first)
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
            let kept = try Data(contentsOf: target.appending(path: "01 Song.flac"))
            #expect(try kept == Data(contentsOf: AudioFixture.flac.url))
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

    @Test func `existing folders in another case are used, and files in another case are not replaced`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.put("another file", at: "ARTIST/album/01 song.FLAC")
            #expect(try fixture.mover().move(try fixture.job()) == .moved("ARTIST/album/01 Song (2).flac"))
            #expect(try fixture.files().count == 2)
        }
    }

    @Test func `a folder in another Unicode form is the same folder`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try MoveFixture(folder)
            fixture.template = "Bj\u{f6}rk/{Title}"
            try fixture.put("x", at: "Bjo\u{308}rk/y.flac")
            #expect(try fixture.mover().move(try fixture.job()) == .moved("Bjo\u{308}rk/Song.flac"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.music.path).count == 1)
        }
    }

    @Test func `a symbolic link that has the target's name is not replaced`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.put("x", at: "Artist/Album/y.flac")
            try FileManager.default.createSymbolicLink(
                atPath: fixture.music.appending(path: MoveFixture.first).path, withDestinationPath: "/nowhere")
            #expect(try fixture.mover().move(try fixture.job()) == .moved("Artist/Album/01 Song (2).flac"))
        }
    }

    @Test func `a source that is a link, or outside the job's folder, is refused`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let tagged = fixture.staging.folder(of: job.job).appending(path: "tagged.flac")
            try FileManager.default.removeItem(at: tagged)
            try Data("secret".utf8).write(to: folder.file("secret"))
            try FileManager.default.createSymbolicLink(
                atPath: tagged.path, withDestinationPath: folder.path("secret"))
            #expect(throws: FileError.self) { try fixture.mover().move(job) }
            var document = JobDocument(track: Track(artist: "a", title: "b"))
            document.force = true
            let stranger = MoveRequest(document, source: job.source)
            #expect(throws: JobError.self) { try fixture.mover().move(stranger) }
            #expect(try String(contentsOf: folder.file("secret"), encoding: .utf8) == "secret")
            #expect(try fixture.files().isEmpty)
        }
    }

    @Test func `files and new folders get the owner and the mode of the settings`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let isRoot = geteuid() == 0
            let permissions = FilePermissions(owner: isRoot ? 1234 : nil, group: isRoot ? 2345 : nil, umask: 0o027)
            _ = try fixture.mover(permissions).move(try fixture.job())
            for (path, mode) in [("Artist", 0o750), ("Artist/Album", 0o750), (MoveFixture.first, 0o640)] {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: fixture.music.appending(path: path).path)
                #expect(attributes[.posixPermissions] as? Int == mode)
                #expect(attributes[.ownerAccountID] as? Int == (isRoot ? 1234 : Int(geteuid())))
                #expect(attributes[.groupOwnerAccountID] as? Int == (isRoot ? 2345 : Int(getegid())))
            }
        }
    }

    @Test func `new folders inherit the set-group-ID bit`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try FileManager.default.setAttributes([.posixPermissions: 0o2775], ofItemAtPath: fixture.music.path)
            _ = try fixture.mover(FilePermissions(umask: 0o002)).move(try fixture.job())
            let path = fixture.music.appending(path: "Artist/Album").path
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o2775)
        }
    }

    @Test func `a library that cannot be written is an error with the path and the user`() async throws {
        try await withTemporaryFolder { folder in
            // Not even root can create a folder in /sys.
            let fixture = try MoveFixture(folder, music: URL(filePath: "/sys"))
            let job = try fixture.job()
            let error = #expect(throws: FileError.self) { try fixture.mover().move(job) }
            #expect(error.map { JobError($0).code } == .permissionDenied)
            #expect(error?.description.contains("/sys/Artist") == true)
            #expect(error?.description.contains("uid \(geteuid())") == true)
            #expect(fixture.hasStaging(job))
        }
    }

    @Test func `a file that has the name of a folder stays, and so does the source`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.put("another file", at: "Artist")
            let job = try fixture.job()
            let error = #expect(throws: FileError.self) { try fixture.mover().move(job) }
            #expect(error?.code == .notAFolder)
            #expect(try fixture.files() == ["Artist": "another file"])
            #expect(fixture.hasStaging(job))
        }
    }

    @Test func `a missing music folder is not created`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder, music: folder.file("unmounted"))
            #expect(throws: FileError.self) { try fixture.mover().move(try fixture.job()) }
            #expect(!FileManager.default.fileExists(atPath: folder.path("unmounted")))
        }
    }
}
