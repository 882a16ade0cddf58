import Contracts
import Fakes
import Foundation
import HTTPClient
import NIOCore
import ServiceKit
import Testing

@testable import Accounts

@Suite("Pasted addresses") struct PastedAddressTests {
    private static let start = "/api/v1/spotify/pro/oauth/start"

    @Test func `A pasted address finishes the sign-in, also with spaces around it`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let start = try await client.post(Self.start, "")
                let response = try await client.paste("  \(try fixture.visit(start.json)) ")
                #expect(response.status == 200 && response.json["ok"] == true)
                #expect(response.json["provider"] == "spotify" && response.json["state"] == start.json["state"])
                #expect(response.json["completed_at"]?.stringValue == fixture.clock.now.description)
                #expect(try await client.get("/spotify/status").json["status"] == "connected")
            }
        }
    }

    @Test(arguments: [
        "", "hello", "http://127.0.0.1:8080/callback", "http://127.0.0.1:8080/callback?state=x",
        "https://evil.example/callback?code=x&state=y", "http://127.0.0.1:9999/callback?code=x&state=y",
    ])
    func `A pasted address that is not the redirect address is refused`(_ text: String) async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let response = try await client.paste(text)
                #expect(response.status == 400 && response.json["ok"] == false)
                #expect(response.json["error_code"] == "OAUTH_INVALID_REDIRECT")
                #expect(response.json["error"]?["message"] == response.json["message"])
            }
        }
    }

    @Test func `Pasting is limited in all processes together`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { _, client in
                let wrong = "http://127.0.0.1:8080/callback?code=x&state=y"
                for _ in 0..<10 { #expect(try await client.paste(wrong).status == 400) }
                let limited = try await client.paste(wrong)
                #expect(limited.status == 429 && limited.json["error_code"] == "OAUTH_MANUAL_RATE_LIMITED")
                try await fixture.withAccounts { _, other in
                    let elsewhere = try await other.paste(wrong)
                    #expect(elsewhere.status == 429)
                }
                fixture.clock.advance(by: .seconds(301))
                #expect(try await client.paste(wrong).json["error_code"] == "OAUTH_STATE_MISMATCH")
            }
        }
    }
}
