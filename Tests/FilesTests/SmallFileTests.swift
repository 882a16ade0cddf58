import Files
import Foundation
import TestSupport
import Testing

@Suite("A small file")
struct SmallFileTests {
    @Test
    func `is created once, durably, and read back`() async throws {
        try await withTemporaryFolder { (folder: TemporaryFolder) async throws -> Void in
            let file = SmallFile(folder.path("key"), mode: 0o600)
            #expect(try file.read() == nil)
            #expect(try file.create(Array("first".utf8)))
            #expect(try !file.create(Array("second".utf8)))
            #expect(try file.read() == Array("first".utf8))
            #expect(try FileStatus.read(file.path)?.mode == 0o600)
            #expect(try DiskFolder(folder.path).names() == ["key"])
        }
    }

    @Test
    func `is created by exactly one of many`() async throws {
        try await withTemporaryFolder { (folder: TemporaryFolder) async throws -> Void in
            let file = SmallFile(folder.path("key"))
            let pool = BlockingPool(name: "test", threads: 8)
            let winners = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<32 {
                    group.addTask {
                        try await pool.run { try file.create(Array("\(number)".utf8)) ? "\(number)" : nil }
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(winners.count == 1)
            #expect(try file.read() == winners.first.map { Array($0.utf8) })
        }
    }

    @Test
    func `is replaced as a whole, and refused beyond its limit`() async throws {
        try await withTemporaryFolder { (folder: TemporaryFolder) async throws -> Void in
            let file = SmallFile(folder.path("cursor"))
            try file.replace(Array("1".utf8))
            try file.replace(Array("22".utf8))
            #expect(try file.read() == Array("22".utf8))
            #expect(throws: FileError.self) { _ = try file.read(limit: 1) }
            #expect(try DiskFolder(folder.path).names() == ["cursor"])
        }
    }

    @Test
    func `leaves the earlier one and no draft when it cannot be written`() async throws {
        try await withTemporaryFolder { (folder: TemporaryFolder) async throws -> Void in
            let target = try folder.folder("target")
            let error = #expect(throws: FileError.self) { try SmallFile(target.path).replace(Array("x".utf8)) }
            #expect(error != nil)
            #expect(try DiskFolder(folder.path).names() == ["target"])
        }
    }

    @Test
    func `drafts and probes of killed processes are removed when they are old, and nothing else`() async throws {
        try await withTemporaryFolder { (folder: TemporaryFolder) async throws -> Void in
            let names = [".hdm-1.draft", ".hdm-probe-write", "key", ".hdm-library", "x.draft"]
            for name in names + [".hdm-new.draft"] { try Data().write(to: folder.file(name)) }
            try folder.folder(".hdm-folder.draft")
            for name in names + [".hdm-folder.draft"] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: folder.path(name))
            }
            #expect(try DraftSweep.run(in: folder.path, olderThan: .seconds(86_400)) == 2)
            #expect(
                try DiskFolder(folder.path).names().sorted()
                    == [".hdm-folder.draft", ".hdm-library", ".hdm-new.draft", "key", "x.draft"])
            #expect(try DraftSweep.run(in: folder.path("missing"), olderThan: .zero) == 0)
        }
    }

    @Test
    func `a private file is accessible to its owner only, and its content stays`() async throws {
        try await withTemporaryFolder { (folder: TemporaryFolder) async throws -> Void in
            let path = folder.path("database")
            try PrivateFile.prepare(path)
            #expect(try FileStatus.read(path)?.mode == 0o600)
            try Data("content".utf8).write(to: folder.file("database"))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try PrivateFile.prepare(path)
            #expect(try FileStatus.read(path)?.mode == 0o600)
            #expect(try SmallFile(path).read() == Array("content".utf8))
        }
    }
}
