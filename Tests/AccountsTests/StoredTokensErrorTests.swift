import Contracts
import Fakes
import Foundation
import ServiceKit
import Testing

@testable import Accounts

@Suite("Errors of stored tokens") struct StoredTokensErrorTests {
    private static let hour = Duration.seconds(3600)

    @Test func `A pause applies to all processes, and also to those that start later`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: Self.hour)
                fixture.fake.fail(with: AccountsResponse(status: 429, retryAfter: 3600))
                let until = fixture.clock.now + Self.hour
                let error = await #expect(throws: TokenError.self) {
                    try await accounts.tokens.token(for: .user, refused: nil)
                }
                guard case .paused(until, _)? = error else {
                    Issue.record("not paused: \(String(describing: error))")
                    return
                }
                #expect(try await client.get("/spotify/status").json["paused_until"]?.stringValue == until.description)
            }
            try await fixture.withAccounts { accounts, _ in
                fixture.clock.advance(by: .seconds(3599))
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.fake.requests.count == 2)
                fixture.clock.advance(by: .seconds(1))
                _ = try await accounts.tokens.token(for: .user, refused: nil)
            }
        }
    }

    @Test func `With the app's secret the catalogue needs no user, and without it the user's token is used`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts(fixture.appWithSecret) { accounts, _ in
                let token = try await accounts.tokens.token(for: .app, refused: nil)
                #expect(fixture.fake.tokens.validate(token.text) == .valid(.app))
                #expect(try await accounts.tokens.token(for: .app, refused: nil) == token)
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.fake.requests.map(\.grantType) == ["client_credentials"])
            }
            try await fixture.withAccounts { accounts, _ in
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .app, refused: nil) }
                try await accounts.completeSignIn(at: fixture.fake)
                let token = try await accounts.tokens.token(for: .app, refused: nil)
                #expect(fixture.fake.tokens.validate(token.text) != .valid(.app))
            }
        }
    }

    @Test func `A wrong app's secret is reported without further requests, and a corrected one is used at once`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, _ in
                try await accounts.secrets.change([.spotifyClientSecret: "wrong-secret"], by: "test")
                for _ in 0..<4 {
                    let error = await #expect(throws: TokenError.self) {
                        try await accounts.tokens.token(for: .app, refused: nil)
                    }
                    #expect(error?.isSignInNeeded == true)
                    #expect("\(String(describing: error))".contains("SPOTIFY_CLIENT_SECRET"))
                    #expect(!"\(String(describing: error))".contains("wrong-secret"))
                }
                #expect(fixture.fake.requests.count == 1)
                try await accounts.secrets.change([.spotifyClientSecret: fixture.fake.app.clientSecret], by: "test")
                _ = try await accounts.tokens.token(for: .app, refused: nil)
                #expect(fixture.fake.requests.map(\.status) == [400, 200])
            }
        }
    }

    @Test func `Another app's id ends the sign-in, and signing out deletes the tokens`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                try await accounts.completeSignIn(at: fixture.fake)
                var environment = fixture.app
                environment["SPOTIFY_CLIENT_ID"] = "another-app"
                try await fixture.withAccounts(environment) { other, _ in
                    let status = try await other.signIn.status()
                    #expect(status.status == .unauthenticated && status.reason?.contains("has changed") == true)
                }
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
                let response = try await client.send("DELETE", "/api/v1/spotify/pro/oauth")
                #expect(response.json["status"] == "unauthenticated")
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.fake.requests.count == 1)
            }
        }
    }

    @Test func `An unusable response does not end the sign-in`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: Self.hour)
                fixture.fake.fail(
                    with: AccountsResponse(status: 502, body: "<html>"), AccountsResponse(status: 200, body: "{}"))
                for _ in 0..<2 {
                    let error = await #expect(throws: TokenError.self) {
                        try await accounts.tokens.token(for: .user, refused: nil)
                    }
                    #expect(error?.isSignInNeeded == false)
                }
                _ = try await accounts.tokens.token(for: .user, refused: nil)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }
}
