import AudioSources
import Foundation
import Logging
import TestSupport
import Testing

@Suite("Readiness of slskd")
struct SlskdReadinessTests {
    private func readiness(
        _ world: StandInWorld, key: String? = nil, downloads: URL? = nil
    ) async throws -> SourceReadiness {
        var readiness = SourceReadiness.ready
        try await world.withClient(key: key, adjust: { $0.retries = 0 }) { client in
            let logger = Logger(label: "slskd-test") { _ in SwiftLogNoOpLogHandler() }
            readiness = await SlskdReadiness(client: client, downloads: downloads, logger: logger).run()
        }
        return readiness
    }

    private func folder(_ name: String, in world: StandInWorld, files: [String] = []) throws -> URL {
        let folder = world.folder.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in files { try Data(file.utf8).write(to: folder.appending(path: file)) }
        return folder
    }

    @Test("slskd is ready when it is logged in and takes the key")
    func needsLogin() async throws {
        try await withStandIn { world in
            let working = try await readiness(world)
            #expect(working == .ready)
            let wrongKey = try await readiness(world, key: "another-key-0123456789")
            #expect(wrongKey.reason.contains("SLSKD_API_KEY"))
            world.standIn.loseNetwork()
            let offline = try await readiness(world)
            #expect(offline.reason.contains("not connected"))
            await world.standIn.stop()
            let dead = try await readiness(world)
            #expect(dead.reason.contains("cannot be reached"))
        }
    }

    @Test("the downloads folder must be the one that slskd sees")
    func provesMapping() async throws {
        try await withStandIn { world in
            let downloads = world.standIn.settings.downloads
            #expect(try await readiness(world, downloads: downloads) == .ready)
            let other = try folder("other", in: world, files: ["a", "b"])
            #expect(try await readiness(world, downloads: other).reason.contains("sees an empty folder") == true)
            _ = try folder("downloads", in: world, files: ["x", "y", "z", ".hidden"])
            #expect(try await readiness(world, downloads: downloads) == .ready)
            #expect(try await readiness(world, downloads: other).reason.contains("3 of 3") == true)
            // Some may have come or gone.
            let almost = try folder("almost", in: world, files: ["x", "y", "new"])
            #expect(try await readiness(world, downloads: almost) == .ready)
            let missing = world.folder.appending(path: "missing")
            #expect(try await readiness(world, downloads: missing).reason.contains("is not there") == true)
        }
    }

    @Test("what cannot be proven does not keep slskd from use")
    func bearsDoubt() async throws {
        try await withStandIn { world in
            let empty = try folder("empty", in: world)
            #expect(try await readiness(world, downloads: empty) == .ready)
            world.standIn.inject(.answers(status: 403), on: [.downloads])
            let other = try folder("other", in: world, files: ["a"])
            #expect(try await readiness(world, downloads: other) == .ready)
        }
    }
}

extension SourceReadiness {
    fileprivate var reason: String {
        if case .notReady(let reason) = self { reason } else { "" }
    }
}
