import Contracts
import Foundation
import GRDB
import Metadata
import ServiceKit
import TestSupport
import Testing

@testable import Gateway

@Suite struct SecretsTests {
    private static let path = "/api/v1/settings/secrets"
    private static let key = "slskd-key-0123456789"

    @Test func `A secret is set, shown by its end alone, and removed`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:]) { parts, client in
                let set = try await client.send("PATCH", Self.path, [:], #"{"SLSKD_API_KEY":"\#(Self.key)"}"#)
                #expect(set.status == 200)
                #expect(!set.text.contains(Self.key))
                let note = try #require(set.json.item("SLSKD_API_KEY"))
                #expect(note["present"] == true && note["source"] == "store" && note["last4"] == "6789")
                #expect(note["updated_at"]?.stringValue == fixture.clock.now.description)
                #expect(try await parts.secrets.value(.slskdAPIKey) == Self.key)

                _ = try await client.send("PATCH", Self.path, [:], #"{"SLSKD_API_KEY":null}"#)
                let gone = try await client.get(Self.path).json.item("SLSKD_API_KEY")
                #expect(gone?["present"] == false && gone?["last4"] == nil && gone?["updated_at"] == nil)
            }
        }
    }

    @Test(arguments: [
        (#"{"NOBODY_KNOWS":"x"}"#, ""), (#"{"SLSKD_API_KEY":"too short"}"#, "/SLSKD_API_KEY"),
        (#"{"SLSKD_API_KEY":7}"#, "/SLSKD_API_KEY"), (#"{"SPOTIFY_CLIENT_ID":""}"#, "/SPOTIFY_CLIENT_ID"),
        (#"{"SPOTIFY_CLIENT_SECRET":"line\nend"}"#, "/SPOTIFY_CLIENT_SECRET"), ("[]", ""), ("{", ""),
    ])
    func `What cannot be a secret is refused with its place and without its value`(
        _ body: String, _ field: String
    ) async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:]) { _, client in
                let answer = try await client.send("PATCH", Self.path, [:], body)
                #expect(answer.status == 400)
                #expect(answer.json["error"]?["code"] == "VALIDATION_ERROR")
                #expect(answer.json["error"]?["meta"]?["field"]?.stringValue == field)
                #expect(!answer.text.contains("too short") && !answer.text.contains("line\\nend"))
            }
        }
    }

    @Test func `One value that cannot be used leaves all as they were`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:]) { parts, client in
                let body = #"{"SPOTIFY_CLIENT_ID":"abcdefgh","SLSKD_API_KEY":"short"}"#
                let answer = try await client.send("PATCH", Self.path, [:], body)
                #expect(answer.status == 400)
                #expect(try await parts.secrets.value(.spotifyClientID) == nil)
            }
        }
    }

    @Test func `The last four characters of a short value are not shown`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:]) { _, client in
                let answer = try await client.send("PATCH", Self.path, [:], #"{"SPOTIFY_CLIENT_ID":"1234567"}"#)
                let note = answer.json.item("SPOTIFY_CLIENT_ID")
                #expect(note?["present"] == true && note?["last4"] == nil)
            }
        }
    }

    @Test func `The environment wins over what is stored, and the answer says so`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway(["SPOTIFY_CLIENT_ID": "of-the-environment"]) { parts, client in
                let answer = try await client.send("PATCH", Self.path, [:], #"{"SPOTIFY_CLIENT_ID":"of-the-store"}"#)
                let note = answer.json.item("SPOTIFY_CLIENT_ID")
                #expect(note?["source"] == "environment" && note?["overridden"] == true && note?["last4"] == "ment")
                #expect(try await parts.secrets.value(.spotifyClientID) == "of-the-environment")
            }
            try await fixture.withGateway([:]) { parts, _ in
                let value = try await parts.secrets.value(.spotifyClientID)
                #expect(value == "of-the-store")
            }
        }
    }

    @Test func `The routes need one of the keys`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:], apiKeys: ["the-key"]) { _, client in
                for (method, path) in [("GET", ""), ("PATCH", ""), ("POST", "/rotate")] {
                    let answer = try await client.send(method, Self.path + path, [:], "{}")
                    #expect(answer.status == 401)
                }
                #expect(try await client.get(Self.path, ["X-API-Key": "the-key"]).status == 200)
            }
        }
    }

    @Test func `A secret is in no file, no log and no description, set or replaced or removed`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withGateway([:]) { parts, client in
                for value in [Self.key, "another-key-987654321"] {
                    _ = try await client.send("PATCH", Self.path, [:], #"{"SLSKD_API_KEY":"\#(value)"}"#)
                    #expect(try await parts.secrets.value(.slskdAPIKey) == value)
                    #expect(try fixture.rawBytes().range(of: Data(value.utf8)) == nil)
                }
                #expect(try fixture.rawBytes().range(of: Data("SLSKD_API_KEY".utf8)) != nil, "the look finds names")
                #expect(!fixture.log.text.contains(Self.key) && !fixture.log.text.contains("987654321"))
                #expect(fixture.log.count(.secretChanged) == 2)
            }
        }
    }

    @Test func `The files are for their owner alone, and the folder stays as it is`() async throws {
        try await SecretsFixture.run { fixture in
            chmod(fixture.folder.path, 0o750)
            try await fixture.withGateway([:]) { _, client in
                _ = try await client.send("PATCH", Self.path, [:], #"{"SPOTIFY_CLIENT_ID":"abcdefgh"}"#)
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
