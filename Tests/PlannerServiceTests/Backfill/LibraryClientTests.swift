import Contracts
import Foundation
import HTTPClient
import Hummingbird
import HummingbirdTesting
import Logging
import TestSupport
import Testing

@testable import MoveService
@testable import PlannerService
@testable import ServiceKit

/// The client of the library, against the real routes of the move service over HTTP.
@Suite struct LibraryClientTests {
    private static let key = "the-services-key"

    @Test func `Files are read page by page, with the recordings that were requested`() async throws {
        try await withLibrary(["C", "A", "B & +?"]) { library, _ in
            let first = try await library.files(after: nil, limit: 2)
            #expect(first.items.map(\.path) == ["Artist/Album/01 A.flac", "Artist/Album/01 B & +_.flac"])
            #expect(first.items.map { $0.track?.title } == ["A", "B & +?"])
            let second = try await library.files(after: first.next, limit: 2)
            #expect(second.items.map { $0.track?.title } == ["C"])
            #expect(second.next == nil)
        }
    }

    @Test func `Metadata is stored once, and only for the file for which it was found`() async throws {
        try await withLibrary(["A"]) { library, music in
            let content = try Data(contentsOf: music.appending(path: "Artist/Album/01 A.flac"))
            var file = try #require(try await library.files(after: nil, limit: 10).items.first)
            file.track?.isrc = "USTST0000001"
            file.albumLink = "spotify:album:x"
            for _ in 0..<2 { try await library.store([file]) }
            #expect(try await library.files(after: nil, limit: 10).items == [file])
            var other = file
            other.sha256 = "another"
            other.track?.isrc = "USTST0000002"
            try await library.store([other])
            #expect(try await library.files(after: nil, limit: 10).items == [file])
            #expect(try Data(contentsOf: music.appending(path: "Artist/Album/01 A.flac")) == content)
        }
    }

    @Test func `Each request carries the service key; the move service refuses another one`() async throws {
        try await withLibrary(["A"], key: "another-key-for-tests-012") { library, _ in
            let read = await #expect(throws: ServiceRequestError.self) { try await library.files(after: nil, limit: 1) }
            #expect(read?.description.contains("status 401") == true)
            let file = LibraryFile(path: "x", sha256: "x", track: Track(artist: "A", title: "T"))
            let written = await #expect(throws: ServiceRequestError.self) { try await library.store([file]) }
            #expect(written?.description.contains("status 401") == true)
        }
    }

    @Test func `An unreachable move service is an error with the setting of its address`() async throws {
        let client = HTTPClient(userAgent: "test")
        // Port 1 has no server.
        let library = try client.library(at: "http://127.0.0.1:1", key: Self.key)
        let error = await #expect(throws: ServiceRequestError.self) { try await library.files(after: nil, limit: 1) }
        #expect(error?.description.contains("HDM_MOVE_URL") == true && error?.code == "library_unavailable")
        await client.close()
    }

    /// Runs a test with a library of moved files.
    /// - Parameter key: The service key of the client.
    private func withLibrary(
        _ titles: [String], key: String = key,
        _ test: @escaping @Sendable (LibraryClient, _ music: URL) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let music = try folder.folder("music")
            let mover = try Self.mover(folder, music, titles)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let environment = ["HDM_SERVICE_KEY": Self.key, "HDM_AMQP_URL": "amqp://127.0.0.1:1/"]
            let runtime = try ServiceRuntime(.move, Settings(environment: environment), logger: logger)
            let application = Application(
                router: try await Move.router(runtime, mover),
                configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logger)
            let client = HTTPClient(userAgent: "test")
            let result = await Result {
                try await application.test(.live) { server in
                    let url = "http://127.0.0.1:\(try #require(server.port))"
                    try await test(try client.library(at: url, key: key), music)
                }
            }
            await client.close()
            for connection in [runtime.publishing, runtime.consuming] { await connection.close() }
            try result.get()
        }
    }

    private static func mover(_ folder: TemporaryFolder, _ music: URL, _ titles: [String]) throws -> LibraryMover {
        let staging = StagingArea(downloads: try folder.folder("downloads"))
        let mover = LibraryMover(
            index: try LibraryIndex(at: try folder.folder("state").appending(path: "library.db")),
            library: MusicLibrary(music, permissions: FilePermissions()), staging: staging,
            template: try MoveTemplate("{AlbumArtist}/{Album}/{Track:02d} {Title}.{ext}"), actor: "test")
        for title in titles {
            var track = Track(artist: "Artist", title: title, album: "Album")
            track.trackNumber = 1
            let job = JobDocument(jobID: JobID(), dedupeKey: title, track: track)
            let file = try staging.makeFolder(of: job.jobID).appending(path: "tagged.flac")
            try Data(title.utf8).write(to: file)
            _ = try mover.move(MoveRequest(job, source: staging.path(of: "tagged.flac", job: job.jobID)))
        }
        return mover
    }
}

extension HTTPClient {
    fileprivate func library(at url: String, key: String) throws -> LibraryClient {
        LibraryClient(
            requests: ServiceRequests(
                client: self, service: .move, url: url, setting: "HDM_MOVE_URL",
                key: try ServiceKey(key, from: "HDM_SERVICE_KEY")))
    }
}
