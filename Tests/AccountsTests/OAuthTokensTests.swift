import Contracts
import Foundation
import Metadata
import ServiceKit
import Fakes
import Testing

@testable import Gateway

@Suite struct OAuthTokensTests {
    private static let hour = Duration.seconds(3600)

    @Test func `A token serves until shortly before its end, and is then renewed with a new refresh token`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, _ in
                try await parts.signIn(at: fixture.accounts)
                let first = try await parts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(3500))
                #expect(try await parts.tokens.token(for: .user, refused: nil) == first)
                fixture.clock.advance(by: .seconds(50))
                var tokens = [first]
                for _ in 0..<3 {
                    tokens.append(try await parts.tokens.token(for: .user, refused: nil))
                    fixture.clock.advance(by: Self.hour)
                }
                #expect(Set(tokens.map(\.text)).count == 4)
                #expect(
                    fixture.accounts.requests.map(\.grantType) == ["authorization_code"]
                        + .init(repeating: "refresh_token", count: 3))
                #expect(fixture.accounts.requests.allSatisfy { $0.status == 200 })
            }
        }
    }

    @Test func `A refused token is not given out again, and one refused at once is not renewed for ever`() async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, _ in
                try await parts.signIn(at: fixture.accounts)
                let first = try await parts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(60))
                let second = try await parts.tokens.token(for: .user, refused: first)
                #expect(second != first)
                #expect(try await parts.tokens.token(for: .user, refused: first) == second)
                await #expect(throws: CatalogueError.self) {
                    try await parts.tokens.token(for: .user, refused: second)
                }
                #expect(fixture.accounts.requests.count == 2)
            }
        }
    }

    @Test func `Many who ask at once, in two gateways, cost one request`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { one, _ in
                try await one.signIn(at: fixture.accounts)
                try await fixture.withGateway { two, _ in
                    for _ in 0..<5 {
                        fixture.clock.advance(by: Self.hour)
                        let before = fixture.accounts.requests.count
                        let texts = try await withThrowingTaskGroup(of: String.self) { group in
                            for index in 0..<20 {
                                group.addTask {
                                    try await (index % 2 == 0 ? one : two).tokens.token(for: .user, refused: nil).text
                                }
                            }
                            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                        }
                        #expect(texts.count == 1)
                        #expect(fixture.accounts.requests.count == before + 1)
                    }
                }
            }
        }
    }

    @Test func `A consent that was taken back asks for a sign-in once, and does not ask Spotify again`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
                try await parts.signIn(at: fixture.accounts)
                fixture.accounts.revokeConsent()
                fixture.clock.advance(by: Self.hour)
                for _ in 0..<5 {
                    let error = await #expect(throws: CatalogueError.self) {
                        try await parts.tokens.token(for: .user, refused: nil)
                    }
                    #expect(error?.asksForSignIn == true)
                    fixture.clock.advance(by: Self.hour)
                }
                #expect(fixture.accounts.requests.count == 2)
                #expect(fixture.log.count(.oauthLoginNeeded) == 1)
                let status = try await client.get("/spotify/status").json
                #expect(status["status"] == "unauthenticated" && status["needs_login"] == true)
                #expect(status["reason"]?.stringValue?.contains("Refresh token revoked") == true)
                #expect(status["reason"]?.stringValue?.contains("hdm spotify login") == true)

                try await parts.signIn(at: fixture.accounts)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
                _ = try await parts.tokens.token(for: .user, refused: nil)
            }
            try await fixture.withGateway { parts, _ in _ = try await parts.tokens.token(for: .user, refused: nil) }
        }
    }

    @Test func `Six months after the consent a sign-in is asked for without asking Spotify`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: .seconds(180 * 86_400))
                _ = try await parts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(2 * 86_400))
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.accounts.requests.count == 2)
                #expect(try await client.get("/spotify/status").json["needs_login"] == true)
            }
        }
    }

    @Test func `A new refresh token that was lost with its process ends in a sign-in, not in a loop`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, _ in
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: Self.hour)
                // Spotify has renewed; its answer does not arrive.
                fixture.accounts.fail(with: AccountsResponse(status: 503, isAfterwards: true))
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .user, refused: nil) }
            }
            try await fixture.withGateway { parts, client in
                for _ in 0..<3 {
                    await #expect(throws: CatalogueError.self) {
                        try await parts.tokens.token(for: .user, refused: nil)
                    }
                }
                #expect(fixture.accounts.requests.count == 3)
                let status = try await client.get("/spotify/status")
                #expect(status.json["needs_login"] == true)
            }
        }
    }

    @Test func `The lease of a gateway that died holds the others up until it ends`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, _ in
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: Self.hour)
                let database = parts.secrets.database
                let generation = try await database.tokens(.user).generation
                #expect(
                    try await database.lease(.user, generation: generation, owner: "dead", for: .seconds(60)))
                #expect(
                    try await !database.lease(.user, generation: generation, owner: "other", for: .seconds(60)))
                async let token = parts.tokens.token(for: .user, refused: nil)
                #expect(fixture.accounts.requests.count == 1, "it waits for the lease to end")
                fixture.clock.advance(by: .seconds(60))
                #expect(try await !token.text.isEmpty)
                #expect(fixture.accounts.requests.count == 2)
            }
        }
    }

    @Test func `What arrives after somebody signed in anew is dropped`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, _ in
                try await parts.signIn(at: fixture.accounts)
                let database = parts.secrets.database
                let before = try await database.tokens(.user)
                try await parts.signIn(at: fixture.accounts)
                let now = try await database.tokens(.user)
                let late = try #require(before.tokens)
                #expect(try await !database.renew(.user, late, generation: before.generation))
                #expect(
                    try await !database.release(
                        .user, generation: before.generation, owner: "late", ended: "invalid_grant"))
                #expect(try await database.tokens(.user).tokens?.refreshToken == now.tokens?.refreshToken)
                #expect(try await database.tokens(.user).endedBecause == nil)
            }
        }
    }

    @Test func `A limit that Spotify sets is kept by all gateways, and by those that start later`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: Self.hour)
                fixture.accounts.fail(with: AccountsResponse(status: 429, retryAfter: 3600))
                let until = fixture.clock.now + Self.hour
                let error = await #expect(throws: CatalogueError.self) {
                    try await parts.tokens.token(for: .user, refused: nil)
                }
                guard case .paused(until, _)? = error else {
                    Issue.record("not paused: \(String(describing: error))")
                    return
                }
                #expect(try await client.get("/spotify/status").json["paused_until"]?.stringValue == until.description)
            }
            try await fixture.withGateway { parts, _ in
                fixture.clock.advance(by: .seconds(3599))
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.accounts.requests.count == 2)
                fixture.clock.advance(by: .seconds(1))
                _ = try await parts.tokens.token(for: .user, refused: nil)
            }
        }
    }

    @Test func `With the app's secret the catalogue needs no user; without it the user's token serves`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway(fixture.appWithSecret) { parts, _ in
                let token = try await parts.tokens.token(for: .app, refused: nil)
                #expect(fixture.accounts.tokens.validate(token.text) == .valid(.app))
                #expect(try await parts.tokens.token(for: .app, refused: nil) == token)
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.accounts.requests.map(\.grantType) == ["client_credentials"])
            }
            try await fixture.withGateway { parts, _ in
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .app, refused: nil) }
                try await parts.signIn(at: fixture.accounts)
                let token = try await parts.tokens.token(for: .app, refused: nil)
                #expect(fixture.accounts.tokens.validate(token.text) != .valid(.app))
            }
        }
    }

    @Test func `A wrong secret is told, not tried again and again, and a right one is used at once`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, _ in
                try await parts.secrets.change([.spotifyClientSecret: "wrong-secret"], by: "test")
                for _ in 0..<4 {
                    let error = await #expect(throws: CatalogueError.self) {
                        try await parts.tokens.token(for: .app, refused: nil)
                    }
                    #expect(error?.asksForSignIn == true)
                    #expect("\(String(describing: error))".contains("SPOTIFY_CLIENT_SECRET"))
                    #expect(!"\(String(describing: error))".contains("wrong-secret"))
                }
                #expect(fixture.accounts.requests.count == 1)
                try await parts.secrets.change([.spotifyClientSecret: fixture.accounts.app.clientSecret], by: "test")
                _ = try await parts.tokens.token(for: .app, refused: nil)
                #expect(fixture.accounts.requests.map(\.status) == [400, 200])
            }
        }
    }

    @Test func `Another app's id ends the sign-in; signing out forgets the tokens`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
                try await parts.signIn(at: fixture.accounts)
                var environment = fixture.app
                environment["SPOTIFY_CLIENT_ID"] = "another-app"
                try await fixture.withGateway(environment) { other, _ in
                    let status = try await other.commands.status()
                    #expect(status.status == .unauthenticated && status.reason?.contains("has changed") == true)
                }
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
                let answer = try await client.send("DELETE", "/api/v1/spotify/pro/oauth")
                #expect(answer.json["status"] == "unauthenticated")
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.accounts.requests.count == 1)
            }
        }
    }

    @Test func `An answer that is none of Spotify's is no reason to sign in again`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
                try await parts.signIn(at: fixture.accounts)
                fixture.clock.advance(by: Self.hour)
                fixture.accounts.fail(
                    with: AccountsResponse(status: 502, body: "<html>"), AccountsResponse(status: 200, body: "{}"))
                for _ in 0..<2 {
                    let error = await #expect(throws: CatalogueError.self) {
                        try await parts.tokens.token(for: .user, refused: nil)
                    }
                    #expect(error?.asksForSignIn == false)
                }
                _ = try await parts.tokens.token(for: .user, refused: nil)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }
}
