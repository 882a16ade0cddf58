import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import DownloadService

@Suite("The routes below /api/v1/peers")
struct PeerControllerTests {
    private static let key = "0123456789abcdef0123456789abcdef"
    private static let withKey: HTTPFields = [.serviceKey: key]

    /// Runs a test against the routes of a download service.
    private func withRoutes(_ test: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let settings = Settings(environment: [
                "HDM_SERVICE_KEY": Self.key, "HDM_STATE_DIR": folder.url.path, "DOWNLOADS_DIR": folder.url.path,
                "HDM_AMQP_URL": "amqp://127.0.0.1:1/",
            ])
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let runtime = try ServiceRuntime(.download, settings, logger: logger)
            let router = try await Download.router(runtime, try PeerStore(folder.file("peers.db")))
            try await Application(router: router).test(.router) { try await test($0) }
            for connection in [runtime.publishing, runtime.consuming] { await connection.close() }
        }
    }

    @Test("Every route needs the service key", arguments: [nil, "wrong", "0123456789abcdef0123456789abcdee"])
    func needsKey(_ key: String?) async throws {
        var headers = HTTPFields()
        headers[.serviceKey] = key
        try await withRoutes { [headers] client in
            for (method, path) in [(HTTPRequest.Method.get, ""), (.post, "/ban"), (.post, "/unban")] {
                let status = try await client.execute(
                    uri: "/api/v1/peers\(path)", method: method, headers: headers,
                    body: ByteBuffer(string: #"{"user": "anna"}"#)
                ) { $0.status }
                #expect(status == .unauthorized, "\(method) \(path)")
            }
        }
    }

    @Test("A peer is banned, listed and unbanned")
    func bans() async throws {
        try await withRoutes { client in
            let body = ByteBuffer(string: #"{"user": "anna", "reason": "sends noise"}"#)
            let banned = try await client.execute(
                uri: "/api/v1/peers/ban", method: .post, headers: Self.withKey, body: body
            ) { try Self.json($0) }
            #expect(banned["banned"] == true && banned["ban_reason"] == "sends noise")
            let page = try await client.execute(
                uri: "/api/v1/peers?limit=1", method: .get, headers: Self.withKey
            ) { try Self.json($0) }
            #expect(page["total"] == 1)
            let unbanned = try await client.execute(
                uri: "/api/v1/peers/unban", method: .post, headers: Self.withKey, body: body
            ) { try Self.json($0) }
            #expect(unbanned["banned"] == false)
        }
    }

    private static func json(_ response: TestResponse) throws -> JSONValue {
        #expect(response.status == .ok)
        return try ContractCoding.decode(JSONValue.self, from: Data(buffer: response.body))
    }
}

extension HTTPField.Name {
    /// The header of the service key; the name is valid.
    fileprivate static let serviceKey = HTTPField.Name(ServiceKey.header) ?? .authorization
}
