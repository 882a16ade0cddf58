import Contracts
import Foundation
import HTTPClient
import Metadata
import NIOCore
import ServiceKit
import Fakes
import Testing

@testable import Gateway

@Suite struct OAuthTests {
    private static let start = "/api/v1/spotify/pro/oauth/start"

    @Test func `A user signs in: start, consent, callback, connected`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
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
                let token = try await parts.tokens.token(for: .user, refused: nil)
                let scopes: Set = ["playlist-read-private", "playlist-read-collaborative", "user-library-read"]
                #expect(fixture.accounts.tokens.validate(token.text) == .valid(.user(scopes: scopes)))
            }
        }
    }

    @Test func `Without an app's id nothing starts, and the answer says what to set`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:]) { parts, client in
                let answer = try await client.post(Self.start, "")
                #expect(answer.status == 503 && answer.text.contains("hdm secrets set SPOTIFY_CLIENT_ID"))
                #expect(try await client.get("/spotify/status").json["status"] == "unconfigured")
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .app, refused: nil) }
            }
        }
    }

    @Test func `An id that is set while the gateway runs is used at once`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway(["SPOTIFY_ACCOUNTS_URL": fixture.accounts.url]) { parts, client in
                let body = #"{"SPOTIFY_CLIENT_ID":"\#(fixture.accounts.app.clientID)"}"#
                _ = try await client.send("PATCH", "/api/v1/settings/secrets", [:], body)
                try await parts.signIn(at: fixture.accounts)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test func `A state that nobody began is refused, and the code is not used`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let start = try await client.post(Self.start, "")
                let address = try fixture.visit(start.json)
                let other = address.replacing(/state=.*/, with: "state=" + Nonce.make())
                let page = try await client.callback(other)
                #expect(page.status == 400 && page.text.contains("OAUTH_STATE_MISMATCH"))
                #expect(fixture.accounts.requests.isEmpty)
                #expect(try await client.callback(address.replacing(/&state=.*/, with: "")).status == 400)
                #expect(try await client.callback(address).status == 200, "the right one still works")
            }
        }
    }

    @Test func `A sign-in that took too long is told so, on either side`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let start = try await client.post(Self.start, "")
                let address = try fixture.visit(start.json)
                fixture.clock.advance(by: .seconds(600))
                let page = try await client.callback(address)
                #expect(page.status == 400 && page.text.contains("OAUTH_CODE_EXPIRED"))
                #expect(try await client.status(of: start.json["state"]?.stringValue) == "expired")

                let again = try await client.post(Self.start, "")
                let second = try fixture.visit(again.json)
                fixture.accounts.fail(
                    with: AccountsResponse(
                        status: 400,
                        body: #"{"error":"invalid_grant","error_description":"Authorization code expired"}"#))
                #expect(try await client.callback(second).text.contains("OAUTH_CODE_EXPIRED"))
                #expect(try await client.status(of: again.json["state"]?.stringValue) == "failed")
            }
        }
    }

    @Test func `A user who says no is told how to go on, and nothing is asked of Spotify`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let start = try await client.post(Self.start, "")
                let page = try await client.callback(try fixture.visit(start.json, .refuse))
                #expect(page.status == 400 && page.text.contains("OAUTH_ACCESS_DENIED"))
                #expect(fixture.accounts.requests.isEmpty)
                let status = try await client.get("/api/v1/oauth/status/\(start.json["state"]?.stringValue ?? "")").json
                #expect(status["status"] == "failed" && status["error_code"] == "OAUTH_ACCESS_DENIED")
            }
        }
    }

    @Test func `What stands in the address is never shown on the page`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let page = try await client.callback("/callback?error=%3Cscript%3E&state=%3Cscript%3E")
                #expect(page.status == 400 && !page.text.contains("script"))
            }
        }
    }

    @Test func `A page that is loaded again, or an address that comes twice, does not sign in twice`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let address = try fixture.visit(try await client.post(Self.start, "").json)
                #expect(try await client.callback(address).status == 200)
                #expect(try await client.callback(address).status == 200)
                #expect(fixture.accounts.requests.count == 1)
            }
        }
    }

    @Test func `Two tabs: each has its own state, and the one that comes last counts`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { parts, client in
                let (one, two) = (try await client.post(Self.start, ""), try await client.post(Self.start, ""))
                #expect(one.json["state"] != two.json["state"])
                #expect(try await client.callback(try fixture.visit(two.json)).status == 200)
                let first = try await parts.tokens.token(for: .user, refused: nil)
                #expect(try await client.callback(try fixture.visit(one.json)).status == 200)
                #expect(try await parts.tokens.token(for: .user, refused: nil) != first)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test func `The browser may come back to another gateway, or to one that was started anew`() async throws {
        try await SecretsFixture.run { fixture in
            let address = Box("")
            try await fixture.withGateway { _, client in
                address.value = try fixture.visit(try await client.post(Self.start, "").json)
            }
            try await fixture.withGateway { _, client in
                let page = try await client.callback(address.value)
                #expect(page.status == 200)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test func `An address that is pasted finishes the sign-in, with spaces around it, too`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let start = try await client.post(Self.start, "")
                let answer = try await client.paste("  \(try fixture.visit(start.json)) ")
                #expect(answer.status == 200 && answer.json["ok"] == true)
                #expect(answer.json["provider"] == "spotify" && answer.json["state"] == start.json["state"])
                #expect(answer.json["completed_at"]?.stringValue == fixture.clock.now.description)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test(arguments: [
        "", "hello", "http://127.0.0.1:8080/callback", "http://127.0.0.1:8080/callback?state=x",
        "https://evil.example/callback?code=x&state=y", "http://127.0.0.1:9999/callback?code=x&state=y",
    ])
    func `A pasted address that is not Spotify's answer is told so`(_ text: String) async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let answer = try await client.paste(text)
                #expect(answer.status == 400 && answer.json["ok"] == false)
                #expect(answer.json["error_code"] == "OAUTH_INVALID_REDIRECT")
                #expect(answer.json["error"]?["message"] == answer.json["message"])
            }
        }
    }

    @Test func `Pasting is limited, over all gateways, for a while`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway { _, client in
                let wrong = "http://127.0.0.1:8080/callback?code=x&state=y"
                for _ in 0..<10 { #expect(try await client.paste(wrong).status == 400) }
                let limited = try await client.paste(wrong)
                #expect(limited.status == 429 && limited.json["error_code"] == "OAUTH_MANUAL_RATE_LIMITED")
                try await fixture.withGateway { _, other in
                    let elsewhere = try await other.paste(wrong)
                    #expect(elsewhere.status == 429)
                }
                fixture.clock.advance(by: .seconds(301))
                #expect(try await client.paste(wrong).json["error_code"] == "OAUTH_STATE_MISMATCH")
            }
        }
    }

    @Test func `A redirect address that Spotify does not take is named`() async throws {
        try await SecretsFixture.run { fixture in
            var environment = fixture.app
            environment["SPOTIFY_REDIRECT_URI"] = "http://127.0.0.1:9999/callback"
            try await fixture.withGateway(environment) { parts, _ in
                let start = try await parts.commands.start()
                #expect(throws: FakeSpotifyAccounts.PageError.self) {
                    try fixture.accounts.visit(start.authorizationURL)
                }
            }
        }
        for text in ["http://localhost:8080/callback", "http://192.168.1.2/callback", "callback", "http://127.0.0.1"] {
            let raw = Settings(environment: ["SPOTIFY_REDIRECT_URI": text])
            let error = #expect(throws: SettingsError.self) { try SignInSettings(raw, port: 8080) }
            #expect(error?.name == "SPOTIFY_REDIRECT_URI")
        }
        for text in ["http://127.0.0.1:1234/callback", "http://[::1]:80/x", "https://music.example/hdm/callback"] {
            _ = try SignInSettings(Settings(environment: ["SPOTIFY_REDIRECT_URI": text]), port: 8080)
        }
    }

    @Test func `Only the browser's way back is open where the API needs a key`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway(apiKeys: ["the-key"]) { _, client in
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

    @Test func `Nothing secret is in files, logs, pages or answers`() async throws {
        try await SecretsFixture.run { fixture in
            let seen = Box("")
            try await fixture.withGateway(fixture.appWithSecret) { parts, client in
                let start = try await client.post(Self.start, "")
                let address = try fixture.visit(start.json)
                seen.value += try await client.callback(address).text
                _ = try await parts.tokens.token(for: .user, refused: nil)
                fixture.clock.advance(by: .seconds(4000))
                _ = try await parts.tokens.token(for: .user, refused: nil)
                _ = try await parts.tokens.token(for: .app, refused: nil)
                fixture.accounts.revokeConsent()
                fixture.clock.advance(by: .seconds(4000))
                await #expect(throws: CatalogueError.self) { try await parts.tokens.token(for: .user, refused: nil) }
                seen.value += try await client.get("/spotify/status").text
                seen.value += try await client.get("/api/v1/settings/secrets").text
                seen.value += fixture.log.text
                seen.value += PrometheusRegistry.process.render()
                var secrets = fixture.accounts.secrets
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

extension SecretsFixture {
    /// What the user's browser is sent to.
    func visit(_ start: JSONValue, _ consent: FakeSpotifyAccounts.Consent = .agree) throws -> String {
        try accounts.visit(start["authorization_url"]?.stringValue ?? "", consent)
    }
}

extension RouteClient {
    struct Page: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String
    }

    /// Opens an address of the gateway's as a browser does.
    func callback(_ address: String) async throws -> Page {
        let parts = try #require(URLComponents(string: address))
        let query = parts.percentEncodedQuery.map { "?" + $0 } ?? ""
        let response = try await client.executeRequest(
            uri: parts.path + query, method: .get, headers: [:], body: nil)
        return Page(
            status: response.status.code,
            headers: Dictionary(response.headers.map { ($0.name.rawName, $0.value) }) { $1 },
            text: String(buffer: response.body))
    }

    func paste(_ text: String) async throws -> Answer {
        let body = try ContractCoding.encode(["redirect_url": text])
        return try await post("/api/v1/oauth/manual", String(decoding: body, as: UTF8.self))
    }

    func status(of state: String?) async throws -> String? {
        try await get("/api/v1/oauth/status/\(state ?? "")").json["status"]?.stringValue
    }
}
