import Fakes
import Foundation
import HTTPClient
import Testing

@testable import Accounts

/// The fake of the accounts service is as strict as the service.
@Suite struct FakeSpotifyAccountsTests {
    private static let redirect = "http://127.0.0.1:8080/callback"

    @Test func `A code needs the verifier of its challenge, and is valid once`() async throws {
        try await withAccounts { fake, accounts, client in
            let id = fake.app.clientID
            let proof = ProofKey.make()
            func code() throws -> String {
                let address = try fake.visit(
                    accounts.authorizationURL(
                        clientID: id, redirectURI: Self.redirect, scope: "a b", state: "s", proof: proof))
                let response = try #require(RedirectResponse.read(address)?.response)
                #expect(response.state == "s")
                return try #require(response.code)
            }
            let first = try code()
            await #expect(throws: refused("code_verifier was incorrect")) {
                try await accounts.tokens(code: first, redirectURI: Self.redirect, clientID: id, proof: .make())
            }
            let second = try code()
            await #expect(throws: refused("Invalid redirect URI")) {
                try await accounts.tokens(code: second, redirectURI: "http://127.0.0.1:1/x", clientID: id, proof: proof)
            }
            let third = try code()
            let tokens = try await accounts.tokens(
                code: third, redirectURI: Self.redirect, clientID: id, proof: proof)
            #expect(fake.tokens.validate(tokens.accessToken) == .valid(.user(scopes: ["a", "b"])))
            await #expect(throws: refused("Invalid authorization code")) {
                try await accounts.tokens(code: third, redirectURI: Self.redirect, clientID: id, proof: proof)
            }
            let refresh = try #require(tokens.refreshToken)
            let renewed = try await accounts.tokens(refreshToken: refresh, clientID: id)
            #expect(renewed.refreshToken != nil && renewed.refreshToken != refresh)
            await #expect(throws: refused("Refresh token revoked")) {
                try await accounts.tokens(refreshToken: refresh, clientID: id)
            }
            await #expect(throws: refused("Invalid refresh token")) {
                try await accounts.tokens(refreshToken: "unknown", clientID: id)
            }
        }
    }

    @Test func `Errors have the format of the accounts service`() async throws {
        try await withAccounts { fake, _, client in
            let form = HTTPRequest(
                .post, fake.url + "/api/token", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Data("grant_type=password".utf8))
            let response = try await client.send(form)
            #expect(response.status == 400)
            let json = try #require(JSONSerialization.jsonObject(with: response.body) as? [String: String])
            #expect(json["error"] == "unsupported_grant_type" && json["error_description"] != nil)
        }
    }

    private func refused(_ text: String) -> SpotifyAccountsError {
        .refused(SpotifyRefusal(error: "invalid_grant", text: text))
    }

    private func withAccounts(
        _ test: (FakeSpotifyAccounts, SpotifyAccounts, HTTPClient) async throws -> Void
    ) async throws {
        try await FakeSpotifyAccounts.run { fake in
            let client = HTTPClient(userAgent: "test")
            do {
                try await test(fake, SpotifyAccounts(url: fake.url, client: client), client)
            } catch {
                await client.close()
                throw error
            }
            await client.close()
        }
    }
}
