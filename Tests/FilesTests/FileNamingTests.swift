import Files
import Foundation
import TestSupport
import Testing

@Suite("The naming of a file")
struct FileNamingTests {
    @Test
    func `never replaces another file`() async throws {
        try await withTemporaryFolder { folder in
            try Data("old".utf8).write(to: folder.file("name"))
            let file = try OpenFile.creating(folder.path("draft"))
            #expect(try file.name(folder.path("name")) == .taken)
            #expect(try String(contentsOf: folder.file("name"), encoding: .utf8) == "old")
            #expect(try file.name(folder.path("other")) == .named)
            #expect(try FileStatus.read(folder.path("other"))?.inode == file.status().inode)
        }
    }

    @Test
    func `gives the name to what is open, even after the path became another file`() async throws {
        try await withTemporaryFolder { folder in
            let file = try OpenFile.creating(folder.path("draft"))
            try file.append(Array("mine".utf8))
            try FileManager.default.moveItem(at: folder.file("draft"), to: folder.file("away"))
            try Data("foreign".utf8).write(to: folder.file("draft"))
            #expect(try file.name(folder.path("name")) == .named)
            #expect(try String(contentsOf: folder.file("name"), encoding: .utf8) == "mine")
        }
    }

    @Test
    func `takes the first free name, and removes the former one`() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a", "b"] { try Data().write(to: folder.file(name)) }
            let file = try OpenFile.creating(folder.path("draft"))
            let names = ["a", "b", "c", "d"].map { folder.path($0) }
            #expect(try file.name(firstFreeOf: names) == folder.path("c"))
            #expect(try DiskFolder(folder.path).names().sorted() == ["a", "b", "c"])
            let another = try OpenFile.creating(folder.path("draft"))
            #expect(try another.name(firstFreeOf: names.prefix(3)) == nil)
        }
    }

    @Test
    func `reports another file system`() async throws {
        try await withTemporaryFolder { folder in
            let file = try OpenFile.creating(folder.path("draft"))
            let other = "/dev/shm/hdm-\(UUID().uuidString)"
            let here = try #require(try FileStatus.read(folder.path)).device
            guard let there = try FileStatus.read("/dev/shm")?.device, there != here else { return }
            #expect(try file.name(other) == .otherFileSystem)
            #expect(!FileStatus.exists(other))
        }
    }

    @Test
    func `fails with the reason where the folder is missing`() async throws {
        try await withTemporaryFolder { folder in
            let file = try OpenFile.creating(folder.path("draft"))
            let error = #expect(throws: FileError.self) { _ = try file.name(folder.path("missing/name")) }
            #expect(error?.code == .notFound)
        }
    }
}
