import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Library routes` {
    private static let key = "the-services-key"

    /// Runs a test against the routes of a library with moved files.
    private static func withLibrary(
        _ titles: [String], _ test: @escaping @Sendable (MoveFixture, LibraryRequests) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let mover = try fixture.mover()
            for title in titles { _ = try mover.move(try fixture.job(title, content: title)) }
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let environment = ["HDM_SERVICE_KEY": key, "HDM_AMQP_URL": "amqp://127.0.0.1:1/"]
            let runtime = try ServiceRuntime(.move, Settings(environment: environment), logger: logger)
            let application = Application(router: try await Move.router(runtime, mover), logger: logger)
            let result = await Result {
                try await application.test(.router) { try await test(fixture, LibraryRequests(client: $0, key: key)) }
            }
            for connection in [runtime.publishing, runtime.consuming] { await connection.close() }
            try result.get()
        }
    }

    @Test func `a client reads the library page by page, with the wanted recordings`() async throws {
        try await Self.withLibrary(["C", "A", "B & +?"]) { _, library in
            let first = try await library.page("limit=2")
            #expect(first.items.map(\.path) == ["Artist/Album/01 A.flac", "Artist/Album/01 B & +_.flac"])
            #expect(first.items.map { $0.track?.title } == ["A", "B & +?"])
            let next = try #require(first.next?.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let second = try await library.page("limit=2&after=\(next)")
            #expect(second.items.map { $0.track?.title } == ["C"])
            #expect(second.next == nil)
        }
    }

    @Test func `metadata is stored in the index, once, and only for the file that it was found for`() async throws {
        try await Self.withLibrary(["A"]) { fixture, library in
            let before = try fixture.files()
            var file = try #require(try await library.page().items.first)
            file.track?.isrc = "USTST0000001"
            file.albumLink = "spotify:album:x"
            for _ in 0..<2 {
                #expect(try await library.update(file) == LibraryMetadataResponse(updated: 1))
            }
            #expect(try await library.page().items == [file])
            var other = file
            other.sha256 = "another"
            other.track?.isrc = "USTST0000002"
            #expect(try await library.update(other) == LibraryMetadataResponse(skipped: [file.path]))
            #expect(try await library.page().items == [file])
            #expect(try fixture.files() == before)
        }
    }

    @Test func `a row that cannot be read is left out, and the others are listed`() async throws {
        try await Self.withLibrary(["A", "B", "C"]) { fixture, library in
            let index = try fixture.index()
            try index.write {
                try $0.execute(sql: "UPDATE files SET size = 'many' WHERE path = 'Artist/Album/01 B.flac'")
            }
            let first = try await library.page("limit=2")
            #expect(first.items.map { $0.track?.title } == ["A"])
            #expect(first.next == "Artist/Album/01 B.flac")
        }
    }

    @Test func `a request without the service key is refused`() async throws {
        try await Self.withLibrary(["A"]) { fixture, library in
            let file = try #require(try await library.page().items.first)
            let body = try LibraryRequests.body(file)
            for key in [nil, "another-services-key"] {
                let requests = LibraryRequests(client: library.client, key: key)
                #expect(try await requests.send(.get, "/api/v1/library").status == .unauthorized)
                #expect(try await requests.send(.post, "/api/v1/library/metadata", body).status == .unauthorized)
            }
            #expect(try await library.page().items == [file])
        }
    }
}

/// Requests to the library routes.
private struct LibraryRequests: Sendable {
    let client: any TestClientProtocol
    let key: String?

    func page(_ query: String = "limit=50") async throws -> LibraryPage {
        let response = try await send(.get, "/api/v1/library?\(query)")
        #expect(response.status == .ok)
        return try ContractCoding.decode(LibraryPage.self, from: Data(buffer: response.body))
    }

    func update(_ file: LibraryFile) async throws -> LibraryMetadataResponse {
        let response = try await send(.post, "/api/v1/library/metadata", try Self.body(file))
        return try ContractCoding.decode(LibraryMetadataResponse.self, from: Data(buffer: response.body))
    }

    func send(_ method: HTTPRequest.Method, _ uri: String, _ body: Data? = nil) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let key, let name = HTTPField.Name(ServiceKey.header) { headers[name] = key }
        return try await client.execute(
            uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) })
    }

    static func body(_ file: LibraryFile) throws -> Data {
        let track = try #require(file.track)
        let item = LibraryMetadataRequest.Item(
            path: file.path, sha256: file.sha256, track: track, albumLink: file.albumLink)
        return try ContractCoding.encode(LibraryMetadataRequest(items: [item]))
    }
}
