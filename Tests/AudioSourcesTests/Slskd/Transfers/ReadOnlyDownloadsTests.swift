import Contracts
import Fakes
import Files
import Foundation
import TestSupport
import Testing

@testable import AudioSources

/// slskd often runs as another user, whose folder HDM may read and not write.
@Suite(
    "slskd's downloads folder, read-only for HDM", .enabled(if: geteuid() == 0, "needs root, to become another user"))
struct ReadOnlyDownloadsTests {
    private static let file = SlskdSharedFile.some(size: 300_000)

    /// Returns a pool with one thread that accesses files as the user `nobody`.
    private static func unprivileged() async throws -> BlockingPool {
        let pool = BlockingPool(name: "nobody", threads: 1)
        try await pool.run { try FileUser.becomeNobody() }
        return pool
    }

    @Test("The file is copied into the job's folder, and the original that cannot be removed is no failure")
    func copies() async throws {
        let pool = try await Self.unprivileged()
        try await withFake([SlskdPeer("anna", files: [Self.file])]) { fake in
            let fetch = FetchFixture(fake, arrivals: pool)
            try FileUser.open(fake.folder, to: 0o755)
            try FileManager.default.createDirectory(at: fetch.jobs, withIntermediateDirectories: true)
            try FileUser.open(fetch.jobs, to: 0o777)
            let data = try await fetch.fetch(fetch.order(Self.file, from: "anna", job: JobID()))
            #expect(try data == Self.file.content.data())
            #expect(fetch.listed == 0)
            await fetch.client.close()
        }
    }

    @Test("A folder that cannot be cleared stays as it is")
    func clears() async throws {
        let pool = try await Self.unprivileged()
        try await withTemporaryFolder { folder in
            let downloads = try folder.folder("downloads")
            let destination = "hdm/\(JobID())/0123456789abcdef"
            let file = downloads.appending(path: "\(destination)/a.flac")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data([1]).write(to: file)
            try FileUser.open(folder.url, to: 0o755)
            let files = TransferFiles(downloads)
            #expect(try await pool.run { files.file(in: destination, size: 1) } != nil)
            try await pool.run { files.clear(destination) }
            #expect(FileManager.default.fileExists(atPath: file.path))
        }
    }
}

/// The user with whose rights a thread accesses files (Linux).
private enum FileUser {
    struct Unknown: Error {}

    static func becomeNobody() throws {
        for name in ["setfsgid", "setfsuid"] {
            // The functions are not in the module of the C library.
            guard let symbol = dlsym(nil, name) else { throw Unknown() }
            let change = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)
            _ = change(65_534)
        }
    }

    static func open(_ folder: URL, to mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
    }
}
