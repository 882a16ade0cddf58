import Contracts
import Fakes
import Foundation
import ServiceKit
import Testing

@testable import Accounts

@Suite("Stored tokens") struct StoredTokensTests {
    private static let hour = Duration.seconds(3600)

    @Test func `A token is used until shortly before its end, and then renewed with the latest refresh token`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, _ in
                try await accounts.completeSignIn(at: fixture.fake)
                let first = try await accounts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(3500))
                #expect(try await accounts.tokens.token(for: .user, refused: nil) == first)
                fixture.clock.advance(by: .seconds(50))
                var tokens = [first]
                for _ in 0..<3 {
                    tokens.append(try await accounts.tokens.token(for: .user, refused: nil))
                    fixture.clock.advance(by: Self.hour)
                }
                #expect(Set(tokens.map(\.text)).count == 4)
                #expect(
                    fixture.fake.requests.map(\.grantType) == ["authorization_code"]
                        + .init(repeating: "refresh_token", count: 3))
                #expect(fixture.fake.requests.allSatisfy { $0.status == 200 })
            }
        }
    }

    @Test func `A refused token is not returned again, and a new token that is refused at once is not renewed`()
        async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, _ in
                try await accounts.completeSignIn(at: fixture.fake)
                let first = try await accounts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(60))
                let second = try await accounts.tokens.token(for: .user, refused: first)
                #expect(second != first)
                #expect(try await accounts.tokens.token(for: .user, refused: first) == second)
                await #expect(throws: TokenError.self) {
                    try await accounts.tokens.token(for: .user, refused: second)
                }
                #expect(fixture.fake.requests.count == 2)
            }
        }
    }

    @Test func `Concurrent callers in two processes cause one request`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { one, _ in
                try await one.completeSignIn(at: fixture.fake)
                try await fixture.withAccounts { two, _ in
                    for _ in 0..<5 {
                        fixture.clock.advance(by: Self.hour)
                        let before = fixture.fake.requests.count
                        let texts = try await withThrowingTaskGroup(of: String.self) { group in
                            for index in 0..<20 {
                                group.addTask {
                                    try await (index % 2 == 0 ? one : two).tokens.token(for: .user, refused: nil).text
                                }
                            }
                            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                        }
                        #expect(texts.count == 1)
                        #expect(fixture.fake.requests.count == before + 1)
                    }
                }
            }
        }
    }

    @Test func `A revoked consent needs a sign-in, which is logged once, and causes no further requests`() async throws
    {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.fake.revokeConsent()
                fixture.clock.advance(by: Self.hour)
                for _ in 0..<5 {
                    let error = await #expect(throws: TokenError.self) {
                        try await accounts.tokens.token(for: .user, refused: nil)
                    }
                    #expect(error?.isSignInNeeded == true)
                    fixture.clock.advance(by: Self.hour)
                }
                #expect(fixture.fake.requests.count == 2)
                #expect(fixture.log.count(.oauthLoginNeeded) == 1)
                let status = try await client.get("/spotify/status").json
                #expect(status["status"] == "unauthenticated" && status["needs_login"] == true)
                #expect(status["reason"]?.stringValue?.contains("Refresh token revoked") == true)
                #expect(status["reason"]?.stringValue?.contains("hdm spotify login") == true)

                try await accounts.completeSignIn(at: fixture.fake)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
                _ = try await accounts.tokens.token(for: .user, refused: nil)
            }
            try await fixture.withAccounts { accounts, _ in
                _ = try await accounts.tokens.token(for: .user, refused: nil)
            }
        }
    }

    @Test func `Six months after the consent a sign-in is needed, without a request`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: .seconds(180 * 86_400))
                _ = try await accounts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(2 * 86_400))
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .user, refused: nil) }
                #expect(fixture.fake.requests.count == 2)
                #expect(try await client.get("/spotify/status").json["needs_login"] == true)
            }
        }
    }

    @Test func `A refresh token that was lost with its process needs a sign-in and causes no loop`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, _ in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: Self.hour)
                // Spotify has renewed the token, but the response is lost.
                fixture.fake.fail(with: AccountsResponse(status: 503, isAfterwards: true))
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .user, refused: nil) }
            }
            try await fixture.withAccounts { accounts, client in
                for _ in 0..<3 {
                    await #expect(throws: TokenError.self) {
                        try await accounts.tokens.token(for: .user, refused: nil)
                    }
                }
                #expect(fixture.fake.requests.count == 3)
                let status = try await client.get("/spotify/status")
                #expect(status.json["needs_login"] == true)
            }
        }
    }

    @Test func `The lease of a killed process delays the others until it expires`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, _ in
                try await accounts.completeSignIn(at: fixture.fake)
                fixture.clock.advance(by: Self.hour)
                let database = accounts.secrets.database
                let generation = try await database.tokens(.user).generation
                #expect(
                    try await database.lease(.user, generation: generation, owner: "killed", for: .seconds(60)))
                #expect(
                    try await !database.lease(.user, generation: generation, owner: "other", for: .seconds(60)))
                async let token = accounts.tokens.token(for: .user, refused: nil)
                #expect(fixture.fake.requests.count == 1, "the renewal waits for the lease")
                fixture.clock.advance(by: .seconds(60))
                #expect(try await !token.text.isEmpty)
                #expect(fixture.fake.requests.count == 2)
            }
        }
    }

    @Test func `The result of an old renewal is dropped after a new sign-in`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, _ in
                try await accounts.completeSignIn(at: fixture.fake)
                let database = accounts.secrets.database
                let before = try await database.tokens(.user)
                try await accounts.completeSignIn(at: fixture.fake)
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
}
