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
    func `tells another file system apart`() async throws {
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

@Suite("A small file")
struct SmallFileTests {
    @Test
    func `is created once, durably, and read back`() async throws {
        try await withTemporaryFolder { folder in
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
        try await withTemporaryFolder { folder in
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
        try await withTemporaryFolder { folder in
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
        try await withTemporaryFolder { folder in
            let target = try folder.folder("target")
            let error = #expect(throws: FileError.self) { try SmallFile(target.path).replace(Array("x".utf8)) }
            #expect(error != nil)
            #expect(try DiskFolder(folder.path).names() == ["target"])
        }
    }
}

@Suite("A file lock")
struct FileLockTests {
    @Test
    func `excludes other owners of the same byte, in the same process as well`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("locks")
            do {
                let lock = try FileLock.tryLock(bytes: [1, 7], of: path)
                #expect(lock != nil)
                let second = try FileLock.tryLock(bytes: [7], of: path)
                #expect(second == nil)
                let other = try FileLock.tryLock(bytes: [2], of: path)
                #expect(other != nil)
                _ = consume lock
            }
            let afterwards = try FileLock.tryLock(bytes: [1, 7], of: path)
            #expect(afterwards != nil)
        }
    }

    @Test
    func `of a whole file lets one owner work at a time`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("lock")
            let pool = BlockingPool(name: "test", threads: 4)
            let counter = SmallFile(folder.path("counter"))
            try counter.replace(Array("0".utf8))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await pool.run {
                            let lock = try FileLock.wait(for: path)
                            let value = Int(String(decoding: try counter.read() ?? [], as: UTF8.self)) ?? -1
                            try counter.replace(Array("\(value + 1)".utf8))
                            _ = consume lock
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try counter.read() == Array("40".utf8))
        }
    }
}
