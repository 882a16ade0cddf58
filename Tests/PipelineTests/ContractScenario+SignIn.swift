import Contracts
import Foundation
import TestSupport

// Secrets, and the sign-in at Spotify.
extension ContractScenario {
    private static let secrets = "/api/v1/settings/secrets"
    private static let start = "/api/v1/spotify/pro/oauth/start"
    private static let manual = "/api/v1/oauth/manual"
    private static let signIn = "/api/v1/oauth/status/{state}"
    private static let statuses = ["/spotify/status", "/api/v1/spotify/status"]
    private static let tooLarge = String(repeating: " ", count: 17_000)

    func signIn() async throws {
        // The id of the app is not set yet.
        try await client.send("post", Self.start)
        try await changeSecrets()
        try await signInWithBrowser()
        try await signInByHand()
        for path in Self.statuses { try await client.send("get", path) }
        try await client.send("delete", "/api/v1/spotify/pro/oauth")
        try await client.send("patch", Self.secrets, body: #"{"SPOTIFY_CLIENT_ID":null}"#)
    }

    private func changeSecrets() async throws {
        try await client.send("patch", Self.secrets, body: #"{"SPOTIFY_CLIENT_ID":"\#(accounts.app.clientID)"}"#)
        try await client.send("patch", Self.secrets, body: #"{"PASSWORD":"x"}"#)
        try await client.send("patch", Self.secrets, body: Self.tooLarge)
        try await client.send("get", Self.secrets)
        try await client.send("post", Self.secrets + "/rotate")
    }

    private func signInWithBrowser() async throws {
        let begun = try await client.send("post", Self.start)
        let address = try accounts.visit(begun.json?["authorization_url"]?.stringValue ?? "")
        let query = address.drop { $0 != "?" }
        try await client.send("get", "/callback", query: String(query))
        try await client.send("get", "/callback", query: "?state=forged&code=x")
        try await client.send("get", Self.signIn, begun.json?["state"]?.stringValue ?? "")
    }

    private func signInByHand() async throws {
        let begun = try await client.send("post", Self.start)
        let address = try accounts.visit(begun.json?["authorization_url"]?.stringValue ?? "")
        try await client.send("post", Self.manual, body: #"{"redirect_url":"\#(address)"}"#)
        try await client.send("post", Self.manual, body: Self.tooLarge)
        // The limit is ten requests in five minutes.
        for _ in 0..<10 { try await client.send("post", Self.manual, body: #"{"redirect_url":"http://elsewhere/"}"#) }
    }
}
