import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import Accounts

@Suite("Routes of secrets") struct SecretsRoutesTests {
    private static let path = "/api/v1/settings/secrets"
    private static let key = "slskd-key-0123456789"

    @Test func `A secret is set, shown by its last four characters, and removed`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { accounts, client in
                let set = try await client.send("PATCH", Self.path, #"{"SLSKD_API_KEY":"\#(Self.key)"}"#)
                #expect(set.status == 200)
                #expect(!set.text.contains(Self.key))
                let state = try #require(set.json.item("SLSKD_API_KEY"))
                #expect(state["present"] == true && state["source"] == "store" && state["last4"] == "6789")
                #expect(state["updated_at"]?.stringValue == fixture.clock.now.description)
                #expect(try await accounts.secrets.value(.slskdAPIKey) == Self.key)

                _ = try await client.send("PATCH", Self.path, #"{"SLSKD_API_KEY":null}"#)
                let gone = try await client.get(Self.path).json.item("SLSKD_API_KEY")
                #expect(gone?["present"] == false && gone?["last4"] == nil && gone?["updated_at"] == nil)
            }
        }
    }

    @Test(arguments: [
        (#"{"UNKNOWN_NAME":"x"}"#, ""), (#"{"SLSKD_API_KEY":"too short"}"#, "/SLSKD_API_KEY"),
        (#"{"SLSKD_API_KEY":7}"#, "/SLSKD_API_KEY"), (#"{"SPOTIFY_CLIENT_ID":""}"#, "/SPOTIFY_CLIENT_ID"),
        (#"{"SPOTIFY_CLIENT_SECRET":"line\nend"}"#, "/SPOTIFY_CLIENT_SECRET"), ("[]", ""), ("{", ""),
    ])
    func `An invalid secret is refused with its name and without its value`(
        _ body: String, _ field: String
    ) async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { _, client in
                let response = try await client.send("PATCH", Self.path, body)
                #expect(response.status == 400)
                #expect(response.json["error"]?["code"] == "VALIDATION_ERROR")
                #expect(response.json["error"]?["meta"]?["field"]?.stringValue == field)
                #expect(!response.text.contains("too short") && !response.text.contains("line\\nend"))
            }
        }
    }

    @Test func `One invalid value leaves all secrets unchanged`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { accounts, client in
                let body = #"{"SPOTIFY_CLIENT_ID":"abcdefgh","SLSKD_API_KEY":"short"}"#
                let response = try await client.send("PATCH", Self.path, body)
                #expect(response.status == 400)
                #expect(try await accounts.secrets.value(.spotifyClientID) == nil)
            }
        }
    }

    @Test func `A short value shows no characters`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { _, client in
                let response = try await client.send("PATCH", Self.path, #"{"SPOTIFY_CLIENT_ID":"1234567"}"#)
                let state = response.json.item("SPOTIFY_CLIENT_ID")
                #expect(state?["present"] == true && state?["last4"] == nil)
            }
        }
    }

    @Test func `The environment overrides the stored value, and the response says so`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts(["SPOTIFY_CLIENT_ID": "of-the-environment"]) { accounts, client in
                let response = try await client.send("PATCH", Self.path, #"{"SPOTIFY_CLIENT_ID":"of-the-store"}"#)
                let state = response.json.item("SPOTIFY_CLIENT_ID")
                #expect(state?["source"] == "environment" && state?["overridden"] == true && state?["last4"] == "ment")
                #expect(try await accounts.secrets.value(.spotifyClientID) == "of-the-environment")
            }
            try await fixture.withAccounts([:]) { accounts, _ in
                let value = try await accounts.secrets.value(.spotifyClientID)
                #expect(value == "of-the-store")
            }
        }
    }

    @Test func `The routes need the service key`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { _, client in
                for (method, path) in [("GET", ""), ("PATCH", ""), ("POST", "/rotate")] {
                    let response = try await client.withoutKey.send(method, Self.path + path, "{}")
                    #expect(response.status == 401)
                }
                #expect(try await client.get(Self.path).status == 200)
            }
        }
    }

    @Test func `No file, log or response contains a secret, also after a change`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { accounts, client in
                for value in [Self.key, "another-key-987654321"] {
                    _ = try await client.send("PATCH", Self.path, #"{"SLSKD_API_KEY":"\#(value)"}"#)
                    #expect(try await accounts.secrets.value(.slskdAPIKey) == value)
                    #expect(try fixture.rawBytes().range(of: Data(value.utf8)) == nil)
                }
                #expect(try fixture.rawBytes().range(of: Data("SLSKD_API_KEY".utf8)) != nil, "names are readable")
                #expect(!fixture.log.text.contains(Self.key) && !fixture.log.text.contains("987654321"))
                #expect(fixture.log.count(.secretChanged) == 2)
            }
        }
    }

    @Test func `Only the owner can read the files, and the folder's mode is unchanged`() async throws {
        try await SecretsFixture.run { fixture in
            chmod(fixture.folder.path, 0o750)
            try await fixture.withAccounts([:]) { _, client in
                _ = try await client.send("PATCH", Self.path, #"{"SPOTIFY_CLIENT_ID":"abcdefgh"}"#)
                for name in ["secrets.db", "secrets.db-wal", "secrets.db-shm", "secrets.key"] {
                    #expect(try Self.mode(fixture.folder.path(name)) == 0o600, "\(name)")
                }
                #expect(try Self.mode(fixture.folder.path) == 0o750)
            }
            chmod(fixture.databasePath, 0o644)
            try fixture.database().close()
            #expect(try Self.mode(fixture.databasePath) == 0o600)
        }
    }

    private static func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
    }
}

extension JSONValue {
    /// The element of `items` with this name.
    fileprivate func item(_ name: String) -> JSONValue? {
        guard case .array(let items)? = self["items"] else { return nil }
        return items.first { $0["name"]?.stringValue == name }
    }
}
