import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import Accounts

@Suite("Keys of secrets") struct SecretKeyTests {
    @Test func `A key is 32 bytes in base64 or hexadecimal`() throws {
        let key = SecretKey.make()
        #expect(try SecretKey(key.text) == key)
        let bytes = try #require(Data(base64Encoded: key.text))
        let hexadecimal = bytes.map { String(format: "%02X", $0) }.joined()
        #expect(try SecretKey(hexadecimal) == key)
        #expect(try SecretKey(key.text.replacing("+", with: "-").replacing("/", with: "_").dropLast()) == key)
        #expect(!"\(key)".contains(key.text))
    }

    @Test(arguments: ["", "secret", "AAAA", String(repeating: "0", count: 63), String(repeating: "A", count: 88)])
    func `Another text is refused, and the error says how to make a key`(_ text: String) throws {
        let error = #expect(throws: SecretKeyError.self) { try SecretKey(text) }
        #expect(error?.description.contains("keygen") == true)
    }

    @Test func `A malformed key in a setting is refused with the setting's name and without its value`() throws {
        let error = #expect(throws: SettingsError.self) {
            try SecretKeySource(
                text: Settings(environment: ["HDM_SECRETS_KEY": "not-a-key"]).text, stateDir: URL(filePath: "/tmp"),
                problem: SettingsError.init)
        }
        #expect(error?.name == "HDM_SECRETS_KEY" && error?.problem.contains("not-a-key") == false)
        let missing = #expect(throws: SettingsError.self) {
            try SecretKeySource(
                text: Settings(environment: ["HDM_SECRETS_KEY_FILE": "/nonexistent/key"]).text,
                stateDir: URL(filePath: "/tmp"), problem: SettingsError.init)
        }
        #expect(missing?.name == "HDM_SECRETS_KEY_FILE")
    }

    @Test func `A sealed text opens only under its name and purpose, and only unchanged`() throws {
        let key = SecretKey.make()
        let sealed = try key.seal(Data("abc".utf8), as: "one", for: .store)
        #expect(try key.open(sealed, as: "one", for: .store) == Data("abc".utf8))
        #expect(throws: SecretKeyError.unusable) { try key.open(sealed, as: "two", for: .store) }
        #expect(throws: SecretKeyError.unusable) { try key.open(sealed, as: "one", for: .channel) }
        #expect(throws: SecretKeyError.unusable) { try SecretKey.make().open(sealed, as: "one", for: .store) }
        var changed = sealed
        changed[changed.count - 1] ^= 1
        #expect(throws: SecretKeyError.unusable) { try key.open(changed, as: "one", for: .store) }
    }

    @Test func `Concurrent creations of the key file yield one key`() async throws {
        try await withTemporaryFolder { folder in
            let file = SecretKeyFile(folder.path("secrets.key"))
            let keys = try await withThrowingTaskGroup(of: SecretKeys.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        try file.createIfMissing()
                        return try file.read()
                    }
                }
                return try await group.reduce(into: [SecretKeys]()) { $0.append($1) }
            }
            #expect(keys.count == 16 && keys.allSatisfy { $0 == keys[0] })
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["secrets.key"])
        }
    }

    @Test func `A file without a key is not replaced`() async throws {
        try await withTemporaryFolder { folder in
            try Data("something else".utf8).write(to: folder.file("secrets.key"))
            let file = SecretKeyFile(folder.path("secrets.key"))
            #expect(throws: SecretKeyError.self) { try file.createIfMissing() }
            #expect(try String(contentsOf: folder.file("secrets.key"), encoding: .utf8) == "something else")
        }
    }

    @Test func `Concurrent creations of the database yield one database`() async throws {
        try await SecretsFixture.run { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        let database = try fixture.database()
                        try await database.change([.spotifyClientID: "client-id-\(index)"])
                        _ = try #require(try await database.secret(.spotifyClientID)?.value.get())
                        try database.close()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `A rotation seals everything again and removes the old key from the file`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts { accounts, client in
                try await accounts.secrets.database.change([.slskdAPIKey: "slskd-key-0123456789"])
                try await accounts.completeSignIn(at: fixture.fake)
                _ = try await accounts.signIn.start()
                let before = try fixture.keyFile.read()
                let response = try await client.post("/api/v1/settings/secrets/rotate", "")
                #expect(response.status == 200 && response.json["new_key"] == true && response.json["unreadable"] == 0)
                // The secret, the tokens, and the started sign-in.
                #expect(response.json["resealed"] == 3)
                let after = try fixture.keyFile.read()
                #expect(after.current != before.current && after.former.isEmpty)
                #expect(try await accounts.secrets.value(.slskdAPIKey) == "slskd-key-0123456789")
                #expect(try await accounts.tokens.token(for: .user, refused: nil).text.isEmpty == false)
                #expect(fixture.log.count(.secretsRotated) == 1)
            }
        }
    }

    @Test func `A kill in the middle of a rotation leaves everything readable`() async throws {
        try await SecretsFixture.run { fixture in
            let database = try fixture.database()
            try await database.change([.slskdAPIKey: "slskd-key-0123456789"])
            let old = try fixture.keyFile.read().current
            // The process was killed after it had written the new key, and before it sealed anything with it.
            try fixture.keyFile.replace(with: SecretKeys(.make(), former: [old]))
            #expect(try await database.secret(.slskdAPIKey)?.value.get() == "slskd-key-0123456789")
            // One value is sealed with the new key, so that both keys are in use.
            try await database.change([.spotifyClientID: "client-id"])
            let rotation = try await database.rotate()
            #expect(rotation.resealed == 2 && rotation.unreadable == 0)
            #expect(try fixture.keyFile.read().former.isEmpty)
            #expect(try await database.secret(.slskdAPIKey)?.value.get() == "slskd-key-0123456789")
            #expect(try await database.secret(.spotifyClientID)?.value.get() == "client-id")
            try database.close()
        }
    }

    @Test func `Concurrent rotations and changes lose nothing`() async throws {
        try await SecretsFixture.run { fixture in
            let databases = try [fixture.database(), fixture.database()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for database in databases {
                    group.addTask { for _ in 0..<5 { _ = try await database.rotate() } }
                    group.addTask {
                        for index in 0..<20 { try await database.change([.spotifyClientID: "client-id-\(index)"]) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await databases[0].secret(.spotifyClientID)?.value.get() == "client-id-19")
            for database in databases { try database.close() }
        }
    }

    @Test func `With keys in the environment, a rotation uses the first one`() async throws {
        try await SecretsFixture.run { fixture in
            let (old, new) = (SecretKey.make(), SecretKey.make())
            var database = try fixture.database(["HDM_SECRETS_KEY": old.text])
            try await database.change([.spotifyClientID: "client-id"])
            try database.close()
            #expect(!FileManager.default.fileExists(atPath: fixture.keyFile.path))

            database = try fixture.database(["HDM_SECRETS_KEY": "\(new.text),\(old.text)"])
            #expect(try await database.rotate() == KeyRotation(keyID: new.id, isNew: false, resealed: 1, unreadable: 0))
            try database.close()
            database = try fixture.database(["HDM_SECRETS_KEY": new.text])
            #expect(try await database.secret(.spotifyClientID)?.value.get() == "client-id")
            try database.close()
        }
    }

    @Test func `Without the key nothing opens, the state says so, and the secret can be set again`() async throws {
        try await SecretsFixture.run { fixture in
            try await fixture.withAccounts([:]) { accounts, _ in
                try await accounts.secrets.database.change([.spotifyClientID: "client-id"])
            }
            try FileManager.default.removeItem(atPath: fixture.keyFile.path)
            try await fixture.withAccounts([:]) { accounts, client in
                let state = try #require(try await accounts.secrets.states().first { $0.name == .spotifyClientID })
                #expect(!state.present && state.problem?.contains("does not hold the key") == true)
                #expect(try await client.get("/api/v1/spotify/status").status == 503)
                try await accounts.secrets.change([.spotifyClientID: "client-id"], by: "test")
                #expect(try await accounts.secrets.value(.spotifyClientID) == "client-id")
            }
        }
    }
}
