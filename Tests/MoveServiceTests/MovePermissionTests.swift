import Contracts
import Files
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Permissions in the library` {
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
            try fixture.writeFile("another file", at: "Artist")
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
