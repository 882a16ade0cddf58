import Files
import Foundation
import TestSupport
import Testing

@Suite("On a full volume")
struct FullVolumeTests {
    private static let lazyUnmount: Int32 = 2

    /// Runs a test with a folder, and with a volume of 64 KiB of its own in it.
    private static func withSmallVolume(_ test: (TemporaryFolder, String) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.folder("volume").path
            guard mount("hdm", path, "tmpfs", 0, "size=64k") == 0 else {
                throw FileError("mount", path, number: errno)
            }
            defer { umount2(path, lazyUnmount) }
            try test(folder, path)
        }
    }

    /// Whether this process can mount. In continuous integration, a missing volume is a failure and no reason to skip.
    static let canMount: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        defer { try? folder.remove() }
        guard mount("hdm", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        umount2(folder.path, lazyUnmount)
        return true
    }()

    @Test(.enabled(if: canMount, "a tmpfs cannot be mounted by this user"))
    func `a copy fails with a full disk, by each method`() async throws {
        try await Self.withSmallVolume { folder, volume in
            try Data(count: 1 << 20).write(to: folder.file("source"))
            for methods in [Set(CopyMethod.allCases), [.kernel], [.readAndWrite]] {
                let source = try OpenFile.existing(folder.path("source"))
                let copy = try OpenFile.creating("\(volume)/copy-\(methods.count)-\(methods.contains(.kernel))")
                let error = #expect(throws: FileError.self) { _ = try copy.fill(from: source, methods: methods) }
                #expect(error?.code == .diskFull)
                #expect(error?.isRetriable == true)
                try OpenFile.remove(copy.path)
            }
        }
    }

    @Test(.enabled(if: canMount, "a tmpfs cannot be mounted by this user"))
    func `a small file has its earlier content and leaves no draft`() async throws {
        try await Self.withSmallVolume { _, volume in
            let file = SmallFile("\(volume)/cursor")
            try file.replace(Array("earlier".utf8))
            let filling = try OpenFile.creating("\(volume)/filling")
            #expect(throws: FileError.self) { try filling.append([UInt8](repeating: 1, count: 1 << 20)) }
            let error = #expect(throws: FileError.self) { try file.replace([UInt8](repeating: 2, count: 5000)) }
            #expect(error?.code == .diskFull)
            #expect(try file.read() == Array("earlier".utf8))
            #expect(try DiskFolder(volume).names().sorted() == ["cursor", "filling"])
        }
    }
}
