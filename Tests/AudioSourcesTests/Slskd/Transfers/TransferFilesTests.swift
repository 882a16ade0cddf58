import Contracts
import Foundation
import TestSupport
import Testing

@testable import AudioSources

@Suite("Files that may be used from slskd's downloads folder")
struct TransferFilesTests {
    private static let destination = "hdm/\(JobID())/0123456789abcdef"

    private func withFiles(_ test: (TransferFiles, TemporaryFolder) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try test(TransferFiles(try folder.folder("downloads")), folder)
        }
    }

    private func write(_ path: String, in folder: TemporaryFolder, size: Int = 10) throws {
        let file = folder.file(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(repeating: 1, count: size).write(to: file)
    }

    @Test("The file in a transfer's own folder is used when it has the size and is not a link")
    func own() async throws {
        try await withFiles { files, folder in
            #expect(files.file(in: Self.destination, size: 10) == nil)
            try write("downloads/\(Self.destination)/a.flac", in: folder)
            #expect(files.file(in: Self.destination, size: 10)?.hasSuffix("/a.flac") == true)
            #expect(files.file(in: Self.destination, size: 11) == nil)
            #expect(files.file(in: "hdm/../elsewhere", size: 10) == nil)
            try write("outside/b.flac", in: folder)
            try FileManager.default.createSymbolicLink(
                at: folder.file("downloads/hdm/link"), withDestinationURL: folder.file("outside"))
            #expect(files.file(in: "hdm/link/x", size: 10) == nil)
        }
    }

    @Test(
        "A file that slskd names is used, also when slskd sees the folder at another path; files outside and links are not"
    )
    func named() async throws {
        try await withFiles { files, folder in
            try write("downloads/Album/a.flac", in: folder)
            try write("outside/b.flac", in: folder)
            try FileManager.default.createSymbolicLink(
                at: folder.file("downloads/b.flac"), withDestinationURL: folder.file("outside/b.flac"))
            #expect(files.file(named: folder.path("downloads/Album/a.flac"), size: 10) != nil)
            #expect(files.file(named: "/app/downloads/Album/a.flac", size: 10)?.hasSuffix("/Album/a.flac") == true)
            #expect(files.file(named: "/app/downloads/Album/a.flac", size: 11) == nil)
            #expect(files.file(named: folder.path("outside/b.flac"), size: 10) == nil)
            #expect(files.file(named: folder.path("downloads/../outside/b.flac"), size: 10) == nil)
            #expect(files.file(named: "/app/downloads/b.flac", size: 10) == nil)
        }
    }

    @Test("Only a transfer's own folder is removed")
    func clears() async throws {
        try await withFiles { files, folder in
            try write("downloads/\(Self.destination)/a.flac", in: folder)
            try write("downloads/Album/a.flac", in: folder)
            files.clear(Self.destination)
            files.clear("Album")
            files.clear("hdm/../Album")
            #expect(FakeSlskdFixture.files(in: folder.file("downloads")) == ["Album/a.flac"])
            #expect(!FileManager.default.fileExists(atPath: folder.path("downloads/\(Self.destination)")))
        }
    }

    @Test("Folders of transfers are found by the form of their names, with the time of their last change")
    func leftovers() async throws {
        try await withFiles { files, folder in
            try write("downloads/\(Self.destination)/a.flac", in: folder)
            for other in [
                "hdm/\(JobID())/not-hex", "hdm/my files/0123456789abcdef", "Album/\(JobID())/0123456789abcdef",
            ] {
                try write("downloads/\(other)/a.flac", in: folder)
            }
            let found = files.transferFolders()
            #expect(found.map(\.destination) == [Self.destination])
            let age = try #require(found.first).changed.since(.now)
            #expect((.seconds(-60)...Duration.seconds(60)).contains(age))
        }
    }

    @Test("Waiting transfers start by priority, and the transfers from one peer are limited")
    func places() async throws {
        let limiter = TransferLimiter(most: 2, perPeer: 1)
        #expect(try await limiter.acquire("anna", priority: 5, within: .seconds(5)))
        #expect(try await !limiter.acquire("anna", priority: 5, within: .milliseconds(20)))
        #expect(try await limiter.acquire("bert", priority: 5, within: .seconds(5)))
        async let low = limiter.acquire("anna", priority: 1, within: .seconds(5))
        async let high = limiter.acquire("anna", priority: 9, within: .seconds(5))
        try await eventually("both wait") { limiter.waiting == 2 }
        limiter.release("anna")
        #expect(try await high)
        limiter.release("anna")
        #expect(try await low)
    }
}
