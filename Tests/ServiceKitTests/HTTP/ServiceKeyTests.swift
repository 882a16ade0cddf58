import Foundation
import TestSupport
import Testing

@testable import ServiceKit

struct ServiceKeyTests {
    private func load(_ environment: [String: String] = [:], in folder: TemporaryFolder) async throws -> String {
        try await ServiceKey.load(Settings(environment: environment), stateDir: folder.file("state")).value
    }

    @Test func `The first start creates the key's file for its owner only, and later starts read it`() async throws {
        try await withTemporaryFolder { folder in
            let key = try await load(in: folder)
            #expect(key.count == 64)
            #expect(try await load(in: folder) == key)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("state/service.key"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("state")) == ["service.key"])
        }
        let other = try await withTemporaryFolder { try await load(in: $0) }
        #expect(try await withTemporaryFolder { try await load(in: $0) } != other)
    }

    @Test func `Services that start at the same time get the same key`() async throws {
        try await withTemporaryFolder { folder in
            let keys = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<32 { group.addTask { try await load(in: folder) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(keys.count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("state")) == ["service.key"])
        }
    }

    @Test func `A key that is set, or in the file that is set, is used and no file is created`() async throws {
        try await withTemporaryFolder { folder in
            try Data(" another-services-key \n".utf8).write(to: folder.file("key"))
            #expect(try await load(["HDM_SERVICE_KEY": "the-services-key"], in: folder) == "the-services-key")
            let file = ["HDM_SERVICE_KEY_FILE": folder.path("key")]
            #expect(try await load(file, in: folder) == "another-services-key")
            #expect(!FileManager.default.fileExists(atPath: folder.path("state")))
        }
    }

    @Test(arguments: ["short", "sixteen letters!", "sixteen-lettérs!"])
    func `A key that is short or holds spaces or other letters is refused`(_ key: String) async throws {
        try await withTemporaryFolder { folder in
            let failure = await #expect(throws: SettingsError.self) {
                try await load(["HDM_SERVICE_KEY": key], in: folder)
            }
            #expect(failure?.name == "HDM_SERVICE_KEY")
            #expect(failure?.description.contains(key) == false)
        }
    }

    @Test func `A folder that cannot hold the file is named, with what to do`() async throws {
        try await withTemporaryFolder { folder in
            try Data("".utf8).write(to: folder.file("state"))
            let failure = await #expect(throws: SettingsError.self) { try await load(in: folder) }
            #expect(failure?.name == "HDM_SERVICE_KEY_FILE")
            #expect(failure?.problem.contains(folder.path("state/service.key")) == true)
            #expect(failure?.problem.contains("set HDM_SERVICE_KEY") == true)
        }
    }

    @Test func `Only the same key matches`() throws {
        let key = try ServiceKey("the-services-key", from: "HDM_SERVICE_KEY")
        #expect(key.matches("the-services-key"))
        for other in ["", "the-services-ke", "the-services-keY", "the-services-keys"] { #expect(!key.matches(other)) }
    }
}
