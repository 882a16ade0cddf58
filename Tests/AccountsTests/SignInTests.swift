import Contracts
import Fakes
import Foundation
import HTTPClient
import NIOCore
import ServiceKit
import Testing

@testable import Accounts

@Suite("Signing in") struct SignInTests {
    private static let start = "/api/v1/spotify/pro/oauth/start"

    @Test func `A sign-in leads from the start over the consent and the callback to a token`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                #expect(try await client.get("/spotify/status").json["status"] == "unauthenticated")
                let start = try await client.post(Self.start, "")
                #expect(start.status == 200)
                #expect(start.json["provider"] == "spotify" && start.json["code_challenge_method"] == "S256")
                #expect(start.json["redirect_uri"] == "http://127.0.0.1:8080/callback")
                #expect(start.json["manual_completion_available"] == true)
                #expect(start.json["manual_completion_url"] == "/api/v1/oauth/manual")
                #expect(start.json["expires_at"]?.stringValue == (fixture.clock.now + .seconds(600)).description)
                let state = try #require(start.json["state"]?.stringValue)
                #expect(try await client.status(of: state) == "pending")

                let page = try await client.callback(try fixture.visit(start.json))
                #expect(page.status == 200 && page.text.contains("Signed in"))
                #expect(page.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
                #expect(page.headers["Cache-Control"] == "no-store")
                #expect(try await client.status(of: state) == "completed")

                let status = try await client.get("/api/v1/spotify/status").json
                #expect(status["status"] == "connected" && status["authenticated"] == true)
                #expect(status["pro_available"] == true && status["free_available"] == true)
                #expect(
                    status["needs_login"] == false && status["expires_at"]?.stringValue?.contains("2027-07-15") == true)
                let token = try await accounts.tokens.token(for: .user, refused: nil)
                let scopes: Set = ["playlist-read-private", "playlist-read-collaborative", "user-library-read"]
                #expect(fixture.fake.tokens.validate(token.text) == .valid(.user(scopes: scopes)))
            }
        }
    }

    @Test func `Without an app's id a sign-in fails, and the error names the setting`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { accounts, client in
                let response = try await client.post(Self.start, "")
                #expect(response.status == 503 && response.text.contains("hdm secrets set SPOTIFY_CLIENT_ID"))
                #expect(try await client.get("/spotify/status").json["status"] == "unconfigured")
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .app, refused: nil) }
            }
        }
    }

    @Test func `An app's id is used as soon as it is set`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts(["SPOTIFY_ACCOUNTS_URL": fixture.fake.url]) { accounts, client in
                let body = #"{"SPOTIFY_CLIENT_ID":"\#(fixture.fake.app.clientID)"}"#
                _ = try await client.send("PATCH", "/api/v1/settings/secrets", body)
                try await accounts.completeSignIn(at: fixture.fake)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test func `An unknown state is refused, and its code is not used`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let start = try await client.post(Self.start, "")
                let address = try fixture.visit(start.json)
                let other = address.replacing(/state=.*/, with: "state=" + Nonce.make())
                let page = try await client.callback(other)
                #expect(page.status == 400 && page.text.contains("OAUTH_STATE_MISMATCH"))
                #expect(fixture.fake.requests.isEmpty)
                #expect(try await client.callback(address.replacing(/&state=.*/, with: "")).status == 400)
                #expect(try await client.callback(address).status == 200, "the started sign-in can still be finished")
            }
        }
    }

    @Test func `A sign-in expires here and at Spotify`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let start = try await client.post(Self.start, "")
                let address = try fixture.visit(start.json)
                fixture.clock.advance(by: .seconds(600))
                let page = try await client.callback(address)
                #expect(page.status == 400 && page.text.contains("OAUTH_CODE_EXPIRED"))
                #expect(try await client.status(of: start.json["state"]?.stringValue) == "expired")

                let again = try await client.post(Self.start, "")
                let second = try fixture.visit(again.json)
                fixture.fake.fail(
                    with: AccountsResponse(
                        status: 400,
                        body: #"{"error":"invalid_grant","error_description":"Authorization code expired"}"#))
                #expect(try await client.callback(second).text.contains("OAUTH_CODE_EXPIRED"))
                #expect(try await client.status(of: again.json["state"]?.stringValue) == "failed")
            }
        }
    }

    @Test func `A refused consent ends the sign-in without a token request`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let start = try await client.post(Self.start, "")
                let page = try await client.callback(try fixture.visit(start.json, .refuse))
                #expect(page.status == 400 && page.text.contains("OAUTH_ACCESS_DENIED"))
                #expect(fixture.fake.requests.isEmpty)
                let status = try await client.get("/api/v1/oauth/status/\(start.json["state"]?.stringValue ?? "")").json
                #expect(status["status"] == "failed" && status["error_code"] == "OAUTH_ACCESS_DENIED")
            }
        }
    }

    @Test func `The page contains nothing of the address`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let page = try await client.callback("/callback?error=%3Cscript%3E&state=%3Cscript%3E")
                #expect(page.status == 400 && !page.text.contains("script"))
            }
        }
    }

    @Test func `A repeated callback has no further effect`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let address = try fixture.visit(try await client.post(Self.start, "").json)
                #expect(try await client.callback(address).status == 200)
                #expect(try await client.callback(address).status == 200)
                #expect(fixture.fake.requests.count == 1)
            }
        }
    }

    @Test func `Two concurrent sign-ins have different states, and the later tokens are used`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                let (one, two) = (try await client.post(Self.start, ""), try await client.post(Self.start, ""))
                #expect(one.json["state"] != two.json["state"])
                #expect(try await client.callback(try fixture.visit(two.json)).status == 200)
                let first = try await accounts.tokens.token(for: .user, refused: nil)
                #expect(try await client.callback(try fixture.visit(one.json)).status == 200)
                #expect(try await accounts.tokens.token(for: .user, refused: nil) != first)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test func `Another process, also after a restart, can finish a sign-in`() async throws {
        try await SecretsFixture.run { fixture in
            let address = Box("")
            try await fixture.withAccounts { _, client in
                address.value = try fixture.visit(try await client.post(Self.start, "").json)
            }
            try await fixture.withAccounts { _, client in
                let page = try await client.callback(address.value)
                #expect(page.status == 200)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test func `A redirect address that Spotify does not accept is refused with its setting`() async throws {
        try await SecretsFixture.run { fixture in
            var environment = fixture.app
            environment["SPOTIFY_REDIRECT_URI"] = "http://127.0.0.1:9999/callback"
            try await fixture.withAccounts(environment) { accounts, _ in
                let start = try await accounts.signIn.start()
                #expect(throws: FakeSpotifyAccounts.PageError.self) {
                    try fixture.fake.visit(start.authorizationURL)
                }
            }
        }
        for text in ["http://localhost:8080/callback", "http://192.168.1.2/callback", "callback", "http://127.0.0.1"] {
            let raw = Settings(environment: ["SPOTIFY_REDIRECT_URI": text])
            let error = #expect(throws: SettingsError.self) { try SignInSettings(raw) }
            #expect(error?.name == "SPOTIFY_REDIRECT_URI")
        }
        for text in ["http://127.0.0.1:1234/callback", "http://[::1]:80/x", "https://music.example/hdm/callback"] {
            _ = try SignInSettings(Settings(environment: ["SPOTIFY_REDIRECT_URI": text]))
        }
    }

    @Test func `All routes but the callback need the service key`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, full in
                let client = full.withoutKey
                let start = try await client.post(Self.start, "")
                #expect(start.status == 401)
                #expect(try await client.paste("x").status == 401)
                #expect(try await client.get("/spotify/status").status == 401)
                #expect(try await client.get("/api/v1/spotify/status").status == 401)
                #expect(try await client.get("/api/v1/oauth/status/x").status == 401)
                #expect(try await client.callback("/callback?state=x&code=y").status == 400)
            }
        }
    }

    @Test func `No file, log, page or response contains a secret`() async throws {
        try await SecretsFixture.run { fixture in
            let seen = Box("")
            try await fixture.withAccounts(fixture.appWithSecret) { accounts, client in
                let start = try await client.post(Self.start, "")
                let address = try fixture.visit(start.json)
                seen.value += try await client.callback(address).text
                _ = try await accounts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(4000))
                _ = try await accounts.tokens.token(for: .user, refused: nil)
                _ = try await accounts.tokens.token(for: .app, refused: nil)
                fixture.fake.revokeConsent()
                fixture.clock.advance(by: .seconds(4000))
                await #expect(throws: TokenError.self) { try await accounts.tokens.token(for: .user, refused: nil) }
                seen.value += try await client.get("/spotify/status").text
                seen.value += try await client.get("/api/v1/settings/secrets").text
                seen.value += fixture.log.text
                seen.value += PrometheusRegistry.process.render()
                var secrets = fixture.fake.secrets
                secrets.insert(try #require(start.json["state"]?.stringValue))
                #expect(secrets.count >= 7)
                let bytes = try fixture.rawBytes()
                for secret in secrets {
                    #expect(!seen.value.contains(secret))
                    #expect(bytes.range(of: Data(secret.utf8)) == nil)
                }
            }
        }
    }
}
