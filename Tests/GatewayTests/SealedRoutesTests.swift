import Contracts
import Foundation
import Hummingbird
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import Accounts

/// The routes for tokens and secrets, which the gateway forwards for services without a service key.
@Suite struct SealedRoutesTests {
    private static let refusal = "only services with the secrets' key may use this route"

    @Test func `The planner refuses requests of the gateway's sealed routes without the right signature`() async throws
    {
        try await withAccounts { key, environment in
            try await withGatewayRoutes(environment) { _, client in
                let body = try ContractCoding.encode(TokenRequest(access: .app, refused: nil))
                let text = String(decoding: body, as: UTF8.self)
                let wrong = [
                    nil, ChannelSeal(ChannelPath.token, body, key: .make(), now: .now),
                    ChannelSeal(ChannelPath.secret, body, key: key, now: .now),
                    ChannelSeal(ChannelPath.token, Data("{}".utf8), key: key, now: .now),
                ]
                for seal in wrong {
                    let refused = try await client.post(ChannelPath.token, text, Self.headers(seal))
                    #expect(refused.status == 401)
                    #expect(refused.json["error"]?["message"] == .string(Self.refusal))
                }
                let signed = ChannelSeal(ChannelPath.token, body, key: key, now: .now)
                let accepted = try await client.post(ChannelPath.token, text, Self.headers(signed))
                #expect(accepted.status == 200 && accepted.json["sealed"] != nil)
                let repeated = try await client.post(ChannelPath.token, text, Self.headers(signed))
                #expect(repeated.status == 401)
                let secret = try await client.post(ChannelPath.secret, #"{"name":"SLSKD_API_KEY"}"#)
                #expect(secret.status == 401 && secret.json["error"]?["message"] == .string(Self.refusal))
            }
        }
    }

    private static func headers(_ seal: ChannelSeal?) -> [String: String] {
        Dictionary(uniqueKeysWithValues: (seal?.headers ?? []).map { ($0.name, $0.value) })
    }

    /// Runs the planner's routes for accounts, and passes the key of its secrets and the settings of a gateway.
    private func withAccounts(
        _ test: @escaping @Sendable (SecretKey, [String: String]) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let raw = Settings(environment: [:])
            let source = try SecretKeySource(text: raw.text, stateDir: folder.url, problem: SettingsError.init)
            let database = try SecretDatabase.open(folder.path("secrets.db"), keys: source)
            let accounts = try AccountsService(database, raw, try SignInSettings(raw), logger: logger)
            let router = Router()
            router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
            router.add(middleware: ServiceKeyMiddleware(try testServiceKey(), openPaths: accounts.openPaths))
            accounts.addRoutes(to: router)
            let key = try SecretKeyFile(folder.path("secrets.key")).read().current
            let result = await Result {
                try await withServer(router) { port in
                    try await test(key, ["HDM_PLANNER_URL": "http://127.0.0.1:\(port)"])
                }
            }
            await accounts.close()
            try result.get()
        }
    }
}
