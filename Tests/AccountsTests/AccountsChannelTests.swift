import Contracts
import Fakes
import Foundation
import HTTPClient
import Hummingbird
import Logging
import Testing

@testable import Accounts
@testable import ServiceKit

/// The tokens and secrets that the planner hands to the other services.
@Suite("The channel to the accounts") struct AccountsChannelTests {
    @Test func `Another service gets the planner's tokens`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningPlanner { accounts, url in
                try await accounts.completeSignIn(at: fixture.fake)
                let remote = try fixture.remoteTokens(url)
                let token = try await remote.token(for: .user, refused: nil)
                #expect(token == (try await accounts.tokens.token(for: .user, refused: nil)))
                fixture.clock.advance(by: .seconds(60))
                let other = try await remote.token(for: .user, refused: token)
                #expect(other != token)
                #expect(try await remote.token(for: .user, refused: token) == other)
                #expect(fixture.fake.requests.count == 2)
            }
        }
    }

    @Test func `Concurrent callers in several services cause one renewal`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningPlanner { accounts, url in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: .seconds(3600))
                let remotes = try (0..<3).map { _ in try fixture.remoteTokens(url) }
                let texts = try await withThrowingTaskGroup(of: String.self) { group in
                    for index in 0..<30 {
                        group.addTask { try await remotes[index % 3].token(for: .user, refused: nil).text }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(texts.count == 1 && fixture.fake.requests.count == 2)
            }
        }
    }

    @Test func `Another service gets the reason why there is no token`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningPlanner { accounts, url in
                let remote = try fixture.remoteTokens(url)
                let unsigned = await #expect(throws: TokenError.self) {
                    try await remote.token(for: .user, refused: nil)
                }
                #expect(unsigned?.isSignInNeeded == true && unsigned?.description.contains("hdm spotify login") == true)
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: .seconds(3600))
                fixture.fake.fail(with: AccountsResponse(status: 429, retryAfter: 100))
                let until = fixture.clock.now + .seconds(100)
                let paused = await #expect(throws: TokenError.self) {
                    try await remote.token(for: .user, refused: nil)
                }
                guard case .paused(until, _)? = paused else {
                    Issue.record("not paused: \(String(describing: paused))")
                    return
                }
            }
        }
    }

    @Test func `An unreachable planner, or one with another key, is not a reason to sign in`() async throws {
        try await SecretsFixture.run { fixture in
            let away = try fixture.remoteTokens("http://127.0.0.1:1")
            let error = await #expect(throws: TokenError.self) { try await away.token(for: .app, refused: nil) }
            #expect(error?.description.contains("HDM_PLANNER_URL") == true)
            try await fixture.withListeningPlanner { _, url in
                let stranger = try fixture.remoteTokens(url, ["HDM_SECRETS_KEY": SecretKey.make().text])
                let refused = await #expect(throws: TokenError.self) {
                    try await stranger.token(for: .user, refused: nil)
                }
                #expect(
                    refused?.isSignInNeeded == false && refused?.description.contains("another secrets' key") == true)
            }
        }
    }

    @Test func `A changed secret reaches other services without a restart`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningPlanner { accounts, url in
                let secret = try fixture.remoteSecret(.slskdAPIKey, url)
                await secret.refresh()
                #expect(secret.value == nil && secret.problem?.contains("hdm secrets set SLSKD_API_KEY") == true)
                for value in ["slskd-key-0123456789", "slskd-key-9876543210"] {
                    try await accounts.secrets.change([.slskdAPIKey: value], by: "test")
                    await secret.refresh()
                    #expect(secret.value == value && secret.problem == nil)
                }
                _ = try await accounts.secrets.rotate(by: "test")
                await secret.refresh()
                #expect(secret.value == "slskd-key-9876543210", "also after a rotation of the key")
                let own = try fixture.remoteSecret(.spotifyClientSecret, url)
                await own.refresh()
                #expect(own.value == nil)
            }
        }
    }

    @Test func `A request without the key, an old request and a repeated request are refused`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningPlanner { accounts, url in
                try await accounts.completeSignIn(at: fixture.fake)
                let key = try fixture.keyFile.read().current
                let body = try ContractCoding.encode(TokenRequest(access: .user, refused: nil))
                let now = fixture.clock.now
                let good = ChannelSeal(ChannelPath.token, body, key: key, now: now)
                #expect(try await fixture.status(url, body, nil) == 401)
                #expect(
                    try await fixture.status(url, body, ChannelSeal(ChannelPath.secret, body, key: key, now: now))
                        == 401)
                #expect(
                    try await fixture.status(url, body, ChannelSeal(ChannelPath.token, body, key: .make(), now: now))
                        == 401)
                let other = try ContractCoding.encode(TokenRequest(access: .app, refused: nil))
                #expect(try await fixture.status(url, other, good) == 401)
                for shift in [-121, 121] {
                    let seal = ChannelSeal(ChannelPath.token, body, key: key, now: now + .seconds(shift))
                    #expect(try await fixture.status(url, body, seal) == 401)
                }
                #expect(try await fixture.status(url, body, good) == 200)
                #expect(try await fixture.status(url, body, good) == 401)
                try await fixture.withListeningPlanner { _, second in
                    let again = try await fixture.status(second, body, good)
                    #expect(again == 401, "another process has seen the nonce, too")
                }
            }
        }
    }

    @Test func `A response contains no readable token`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningPlanner { accounts, url in
                try await accounts.completeSignIn(at: fixture.fake)
                let body = try ContractCoding.encode(TokenRequest(access: .user, refused: nil))
                let key = try fixture.keyFile.read().current
                let seal = ChannelSeal(ChannelPath.token, body, key: key, now: fixture.clock.now)
                let response = try await fixture.send(url, body, seal)
                let reply = try ContractCoding.decode(SealedReply.self, from: response.body)
                for secret in fixture.fake.secrets {
                    #expect(response.body.range(of: Data(secret.utf8)) == nil)
                    #expect(reply.sealed.range(of: Data(secret.utf8)) == nil)
                }
                let opened = try ContractCoding.decode(TokenReply.self, from: seal.opened(reply.sealed, key: key))
                #expect(try opened.get() == (try await accounts.tokens.token(for: .user, refused: nil)))
                let elsewhere = ChannelSeal(ChannelPath.token, body, key: key, now: fixture.clock.now)
                #expect(throws: SecretKeyError.self) { try elsewhere.opened(reply.sealed, key: key) }
            }
        }
    }
}

extension SecretsFixture {
    /// Runs with a planner that listens on a port of its own.
    fileprivate func withListeningPlanner(
        _ test: @escaping @Sendable (AccountsService, String) async throws -> Void
    ) async throws {
        let accounts = try accounts(app)
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: try router(accounts), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = Task { try await application.run() }
        let port = await ports.first { _ in true } ?? 0
        let result = await Result { try await test(accounts, "http://127.0.0.1:\(port)") }
        server.cancel()
        _ = await server.result
        await accounts.close()
        try result.get()
    }

    private func channel(_ url: String, _ environment: [String: String] = [:]) throws -> AccountsChannel {
        let raw = Settings(environment: environment.merging(["HDM_PLANNER_URL": url]) { $1 })
        let key = try ServiceKey(Self.serviceKey, from: "HDM_SERVICE_KEY")
        return try AccountsChannel(raw, stateDir: folder.url, serviceKey: key) { [clock] in clock.now }
    }

    fileprivate func remoteTokens(_ url: String, _ environment: [String: String] = [:]) throws -> RemoteTokens {
        try database().close()
        return RemoteTokens(try channel(url, environment)) { [clock] in clock.now }
    }

    fileprivate func remoteSecret(_ name: SecretName, _ url: String) throws -> RemoteSecret {
        RemoteSecret(name, channel: try channel(url), logger: log.logger)
    }

    /// Sends a request for a token with any signature.
    fileprivate func send(
        _ url: String, _ body: Data, _ seal: ChannelSeal?, serviceKey: String? = Self.serviceKey
    ) async throws -> HTTPClient.Response {
        let client = HTTPClient(userAgent: "test")
        var request = HTTPClient.Request(.post, url + ChannelPath.token, body: body)
        request.headers[ServiceKey.header] = serviceKey
        for header in seal?.headers ?? [] { request.headers[header.name] = header.value }
        let response = try await client.send(request)
        await client.close()
        return response
    }

    fileprivate func status(_ url: String, _ body: Data, _ seal: ChannelSeal?) async throws -> Int {
        try await send(url, body, seal).status
    }
}
