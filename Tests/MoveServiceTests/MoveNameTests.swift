import Contracts
import Files
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Names in the library` {
    @Test func `existing folders in another case are used, and files in another case are not replaced`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.writeFile("another file", at: "ARTIST/album/01 song.FLAC")
            #expect(try fixture.mover().move(try fixture.job()) == .moved("ARTIST/album/01 Song (2).flac"))
            #expect(try fixture.files().count == 2)
        }
    }

    @Test func `a folder in another Unicode form is the same folder`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try MoveFixture(folder)
            fixture.template = "Bj\u{f6}rk/{Title}"
            try fixture.writeFile("x", at: "Bjo\u{308}rk/y.flac")
            #expect(try fixture.mover().move(try fixture.job()) == .moved("Bjo\u{308}rk/Song.flac"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.music.path).count == 1)
        }
    }

    @Test func `a symbolic link that has the target's name is not replaced`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.writeFile("x", at: "Artist/Album/y.flac")
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
            let foreign = MoveRequest(document, source: job.source)
            #expect(throws: JobError.self) { try fixture.mover().move(foreign) }
            #expect(try String(contentsOf: folder.file("secret"), encoding: .utf8) == "secret")
            #expect(try fixture.files().isEmpty)
        }
    }
}
