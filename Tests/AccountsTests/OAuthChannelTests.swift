import Contracts
import Foundation
import HTTPClient
import Hummingbird
import Logging
import Metadata
import ServiceKit
import Fakes
import Testing

@testable import Gateway

/// What the gateway lends to other services, and to nobody else.
@Suite struct OAuthChannelTests {
    @Test func `Another service gets the gateway's tokens, also where the API needs a key`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningGateway(apiKeys: ["the-key"]) { parts, url in
                try await parts.signIn(at: fixture.accounts)
                let remote = try fixture.remoteTokens(url)
                let token = try await remote.token(for: .user, refused: nil)
                #expect(token == (try await parts.tokens.token(for: .user, refused: nil)))
                fixture.clock.advance(by: .seconds(60))
                let other = try await remote.token(for: .user, refused: token)
                #expect(other != token)
                #expect(try await remote.token(for: .user, refused: token) == other)
                #expect(fixture.accounts.requests.count == 2)
            }
        }
    }

    @Test func `Many who ask at once in several services cost one renewal`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningGateway { parts, url in
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: .seconds(3600))
                let remotes = try (0..<3).map { _ in try fixture.remoteTokens(url) }
                let texts = try await withThrowingTaskGroup(of: String.self) { group in
                    for index in 0..<30 {
                        group.addTask { try await remotes[index % 3].token(for: .user, refused: nil).text }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(texts.count == 1 && fixture.accounts.requests.count == 2)
            }
        }
    }

    @Test func `The reason why there is no token comes through`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningGateway { parts, url in
                let remote = try fixture.remoteTokens(url)
                let unsigned = await #expect(throws: CatalogueError.self) {
                    try await remote.token(for: .user, refused: nil)
                }
                #expect(unsigned?.asksForSignIn == true && unsigned?.description.contains("hdm spotify login") == true)
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: .seconds(3600))
                fixture.accounts.fail(with: AccountsResponse(status: 429, retryAfter: 100))
                let until = fixture.clock.now + .seconds(100)
                let paused = await #expect(throws: CatalogueError.self) {
                    try await remote.token(for: .user, refused: nil)
                }
                guard case .paused(until, _)? = paused else {
                    Issue.record("not paused: \(String(describing: paused))")
                    return
                }
            }
        }
    }

    @Test func `A gateway that is away, or one with another key, is no reason to sign in`() async throws {
        try await SecretsFixture.run { fixture in
            let away = try fixture.remoteTokens("http://127.0.0.1:1")
            let error = await #expect(throws: CatalogueError.self) { try await away.token(for: .app, refused: nil) }
            #expect(error?.description.contains("HDM_GATEWAY_URL") == true)
            try await fixture.withListeningGateway { _, url in
                let stranger = try fixture.remoteTokens(url, ["HDM_SECRETS_KEY": SecretKey.make().text])
                let refused = await #expect(throws: CatalogueError.self) {
                    try await stranger.token(for: .user, refused: nil)
                }
                #expect(
                    refused?.asksForSignIn == false && refused?.description.contains("another secrets' key") == true)
            }
        }
    }

    @Test func `A secret that is changed is known elsewhere without a restart`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningGateway { parts, url in
                let secret = try fixture.remoteSecret(.slskdAPIKey, url)
                await secret.refresh()
                #expect(secret.value == nil && secret.problem?.contains("hdm secrets set SLSKD_API_KEY") == true)
                for value in ["slskd-key-0123456789", "slskd-key-9876543210"] {
                    try await parts.secrets.change([.slskdAPIKey: value], by: "test")
                    await secret.refresh()
                    #expect(secret.value == value && secret.problem == nil)
                }
                _ = try await parts.secrets.rotate(by: "test")
                await secret.refresh()
                #expect(secret.value == "slskd-key-9876543210", "also after a change of the key")
                let own = try fixture.remoteSecret(.spotifyClientSecret, url)
                await own.refresh()
                #expect(own.value == nil)
            }
        }
    }

    @Test func `Without the key, with an old request, or with a request that was seen, there is no answer`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningGateway { parts, url in
                try await parts.signIn(at: fixture.accounts)
                let key = try fixture.keyFile.read().current
                let body = try ContractCoding.encode(TokenRequest(access: .user, refused: nil))
                let now = fixture.clock.now
                let good = ChannelSeal(ChannelPath.token, body, key: key, now: now)
                #expect(try await fixture.ask(url, body, nil) == 401)
                #expect(
                    try await fixture.ask(url, body, ChannelSeal(ChannelPath.secret, body, key: key, now: now)) == 401)
                #expect(
                    try await fixture.ask(url, body, ChannelSeal(ChannelPath.token, body, key: .make(), now: now))
                        == 401)
                let other = try ContractCoding.encode(TokenRequest(access: .app, refused: nil))
                #expect(try await fixture.ask(url, other, good) == 401)
                for shift in [-121, 121] {
                    let seal = ChannelSeal(ChannelPath.token, body, key: key, now: now + .seconds(shift))
                    #expect(try await fixture.ask(url, body, seal) == 401)
                }
                #expect(try await fixture.ask(url, body, good) == 200)
                #expect(try await fixture.ask(url, body, good) == 401)
                try await fixture.withListeningGateway { _, second in
                    let again = try await fixture.ask(second, body, good)
                    #expect(again == 401, "nor from another gateway")
                }
            }
        }
    }

    @Test func `What goes over the wire holds no token`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withListeningGateway { parts, url in
                try await parts.signIn(at: fixture.accounts)
                let body = try ContractCoding.encode(TokenRequest(access: .user, refused: nil))
                let key = try fixture.keyFile.read().current
                let seal = ChannelSeal(ChannelPath.token, body, key: key, now: fixture.clock.now)
                let answer = try await fixture.send(url, body, seal)
                let reply = try ContractCoding.decode(SealedReply.self, from: answer.body)
                for secret in fixture.accounts.secrets {
                    #expect(answer.body.range(of: Data(secret.utf8)) == nil)
                    #expect(reply.sealed.range(of: Data(secret.utf8)) == nil)
                }
                let opened = try ContractCoding.decode(TokenReply.self, from: seal.opened(reply.sealed, key: key))
                #expect(try opened.get() == (try await parts.tokens.token(for: .user, refused: nil)))
                let elsewhere = ChannelSeal(ChannelPath.token, body, key: key, now: fixture.clock.now)
                #expect(throws: SecretKeyError.self) { try elsewhere.opened(reply.sealed, key: key) }
            }
        }
    }
}

extension SecretsFixture {
    /// Runs with a gateway that listens on a port of its own.
    fileprivate func withListeningGateway(
        apiKeys: [String] = [], _ test: @escaping @Sendable (SecretParts, String) async throws -> Void
    ) async throws {
        let raw = Settings(environment: app)
        let parts = try SecretParts(try database(), raw, try SignInSettings(raw, port: 8080), logger: log.logger)
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: log.logger))
        parts.add(to: router, keys: APIKeys(apiKeys))
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = Task { try await application.run() }
        let port = await ports.first { _ in true } ?? 0
        do {
            try await test(parts, "http://127.0.0.1:\(port)")
        } catch {
            server.cancel()
            await parts.close()
            throw error
        }
        server.cancel()
        _ = await server.result
        await parts.close()
    }

    private func channel(_ url: String, _ environment: [String: String] = [:]) throws -> AccountsChannel {
        let environment = environment.merging(["HDM_GATEWAY_URL": url]) { $1 }
        return try AccountsChannel(
            text: Settings(environment: environment).text, stateDir: folder.url, problem: SettingsError.init
        ) { [clock] in clock.now }
    }

    fileprivate func remoteTokens(_ url: String, _ environment: [String: String] = [:]) throws -> RemoteTokens {
        try database().close()
        return RemoteTokens(try channel(url, environment)) { [clock] in clock.now }
    }

    fileprivate func remoteSecret(_ name: SecretName, _ url: String) throws -> RemoteSecret {
        RemoteSecret(name, channel: try channel(url), logger: log.logger)
    }

    fileprivate func send(_ url: String, _ body: Data, _ seal: ChannelSeal?) async throws -> HTTPClient.Response {
        let client = HTTPClient(userAgent: "test")
        var request = HTTPClient.Request(.post, url + ChannelPath.token, body: body)
        for header in seal?.headers ?? [] { request.headers[header.name] = header.value }
        let answer = try await client.send(request)
        await client.close()
        return answer
    }

    fileprivate func ask(_ url: String, _ body: Data, _ seal: ChannelSeal?) async throws -> Int {
        try await send(url, body, seal).status
    }
}
