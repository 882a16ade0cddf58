import Files
import Foundation
import TestSupport
import Testing

@Suite("A folder on the disk")
struct DiskFolderTests {
    @Test
    func `is made with the folders above it, once`() async throws {
        try await withTemporaryFolder { folder in
            let nested = DiskFolder(folder.path("a/b/c/"))
            try nested.make()
            try nested.make()
            #expect(try FileStatus.read(folder.path("a/b/c"))?.kind == .folder)
            try nested.synchronise()
        }
    }

    @Test
    func `is not made where a file has its name`() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: folder.file("a"))
            for path in ["a", "a/b"] {
                let error = #expect(throws: FileError.self) { try DiskFolder(folder.path(path)).make() }
                #expect(error?.code == .notAFolder, "\(path)")
            }
        }
    }

    @Test
    func `lists its names, and none when it is missing`() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a", ".b", "ö"] { try Data().write(to: folder.file(name)) }
            #expect(try Set(DiskFolder(folder.path).names()) == ["a", ".b", "ö"])
            #expect(try DiskFolder(folder.path("missing")).names().isEmpty)
        }
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b")])
    func `is found from the path of a file in it`(_ file: String, _ expected: String) {
        #expect(DiskFolder(of: file).path == expected)
    }

    @Test
    func `accepts a probe and keeps nothing of it`() async throws {
        try await withTemporaryFolder { folder in
            try DiskFolder(folder.path).probe()
            #expect(try DiskFolder(folder.path).names().isEmpty)
            #expect(DiskFolder(folder.path).freeBytes ?? 0 > 0)
            let error = #expect(throws: FileError.self) { try DiskFolder(folder.path("missing")).probe() }
            #expect(error?.code == .notFound)
        }
    }
}

/// A small volume of its own, so that it can be filled.
private struct SmallVolume: ~Copyable {
    let path: String

    /// - Throws: where this process has no right to mount.
    init(in folder: TemporaryFolder, kibibytes: Int) throws {
        path = try folder.folder("volume").path
        guard mount("hdm", path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
            throw FileError("mount", path, number: errno)
        }
    }

    deinit { umount(path) }

    static func probe(in folder: TemporaryFolder) throws { _ = try SmallVolume(in: folder, kibibytes: 64) }
}

@Suite("On a full volume")
struct FullVolumeTests {
    static let canMount: Bool = {
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        let isMounted = (try? SmallVolume.probe(in: folder)) != nil
        try? folder.remove()
        // In continuous integration a missing volume is a failure, not a reason to skip.
        return isMounted || ProcessInfo.processInfo.environment["CI"] != nil
    }()

    @Test(.enabled(if: canMount, "a tmpfs cannot be mounted by this user"))
    func `a copy fails with a full disk, by each method`() async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 1 << 20).write(to: folder.file("source"))
            let volume = try SmallVolume(in: folder, kibibytes: 64)
            for methods in [Set(CopyMethod.allCases), [.kernel], [.readAndWrite]] {
                let source = try OpenFile.existing(folder.path("source"))
                let copy = try OpenFile.creating("\(volume.path)/copy-\(methods.count)-\(methods.contains(.kernel))")
                let error = #expect(throws: FileError.self) { _ = try copy.fill(from: source, methods: methods) }
                #expect(error?.code == .diskFull)
                #expect(error?.isRetriable == true)
                try OpenFile.remove(copy.path)
            }
        }
    }

    @Test(.enabled(if: canMount, "a tmpfs cannot be mounted by this user"))
    func `a small file keeps its earlier content and leaves no draft`() async throws {
        try await withTemporaryFolder { folder in
            let volume = try SmallVolume(in: folder, kibibytes: 64)
            let file = SmallFile("\(volume.path)/cursor")
            try file.replace(Array("earlier".utf8))
            let filling = try OpenFile.creating("\(volume.path)/filling")
            #expect(throws: FileError.self) { try filling.append([UInt8](repeating: 1, count: 1 << 20)) }
            let error = #expect(throws: FileError.self) { try file.replace([UInt8](repeating: 2, count: 5000)) }
            #expect(error?.code == .diskFull)
            #expect(try file.read() == Array("earlier".utf8))
            #expect(try DiskFolder(volume.path).names().sorted() == ["cursor", "filling"])
        }
    }
}
