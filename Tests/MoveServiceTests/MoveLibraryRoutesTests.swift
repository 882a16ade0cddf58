import Contracts
import Foundation
import HTTPClient
import Hummingbird
import HummingbirdTesting
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import MoveService

@Suite struct MoveLibraryRoutesTests {
    /// A library with moved files, as the gateway sees it over HTTP.
    private static func withLibrary(
        _ titles: [String], _ test: @escaping @Sendable (MoveFixture, LibraryClient) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let mover = try fixture.mover()
            for title in titles { _ = try mover.move(try fixture.job(title, content: title)) }
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let router = Router()
            router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
            LibraryRoutes(index: mover.index, library: mover.library, logger: logger).add(to: router)
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logger)
            let client = HTTPClient(userAgent: "test")
            try await application.test(.live) { server in
                let url = "http://127.0.0.1:\(try #require(server.port))"
                try await test(fixture, LibraryClient(client: client, url: url))
            }
            await client.close()
        }
    }

    @Test func `The gateway reads the library page by page, with what was wished for`() async throws {
        try await Self.withLibrary(["C", "A", "B & +?"]) { _, library in
            let first = try await library.files(after: nil, limit: 2)
            #expect(first.items.map(\.path) == ["Artist/Album/01 A.flac", "Artist/Album/01 B & +_.flac"])
            #expect(first.items.map { $0.track?.title } == ["A", "B & +?"])
            let second = try await library.files(after: first.next, limit: 2)
            #expect(second.items.map { $0.track?.title } == ["C"])
            #expect(second.next == nil)
        }
    }

    @Test func `Metadata is kept with the index, once, and only for the file it was found for`() async throws {
        try await Self.withLibrary(["A"]) { fixture, library in
            let before = try fixture.files()
            var file = try #require(try await library.files(after: nil, limit: 10).items.first)
            file.track?.isrc = "USTST0000001"
            file.albumLink = "spotify:album:x"
            for _ in 0..<2 { try await library.keep([file]) }
            #expect(try await library.files(after: nil, limit: 10).items == [file])
            var other = file
            other.sha256 = "another"
            other.track?.isrc = "USTST0000002"
            try await library.keep([other])
            #expect(try await library.files(after: nil, limit: 10).items == [file])
            #expect(try fixture.files() == before)
        }
    }

    @Test func `A move service that is away is told`() async throws {
        let client = HTTPClient(userAgent: "test")
        let library = LibraryClient(client: client, url: "http://127.0.0.1:1")
        await #expect(throws: LibraryError.self) { try await library.files(after: nil, limit: 1) }
        await client.close()
    }
}
