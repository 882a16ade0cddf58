import AudioSources
import Foundation
import Logging
import ServiceKit
import Synchronization
import TestSupport
import Testing

@Suite("Readiness of slskd")
struct SlskdReadinessTests {
    private func readiness(
        _ fixture: FakeSlskdFixture, key: String? = nil, downloads: URL? = nil
    ) async throws -> SourceReadiness {
        var readiness = SourceReadiness.ready
        try await fixture.withClient(key: key, adjust: { $0.retries = 0 }) { client in
            let logger = Logger(label: "slskd-test") { _ in SwiftLogNoOpLogHandler() }
            readiness = await SlskdReadiness(client: client, downloads: downloads, logger: logger).run()
        }
        return readiness
    }

    private func folder(_ name: String, in fixture: FakeSlskdFixture, files: [String] = []) throws -> URL {
        let folder = fixture.folder.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in files { try Data(file.utf8).write(to: folder.appending(path: file)) }
        return folder
    }

    @Test("slskd is ready when it is logged in and accepts the key")
    func needsLogin() async throws {
        try await withFake { fixture in
            let working = try await readiness(fixture)
            #expect(working == .ready)
            let wrongKey = try await readiness(fixture, key: "another-key-0123456789")
            #expect(wrongKey.reason.contains("SLSKD_API_KEY"))
            fixture.fake.loseNetwork()
            let offline = try await readiness(fixture)
            #expect(offline.reason.contains("not connected"))
            await fixture.fake.stop()
            let dead = try await readiness(fixture)
            #expect(dead.reason.contains("cannot be reached"))
        }
    }

    @Test("slskd that shares nothing is ready, and the log says it once", arguments: [0, 3])
    func reportsEmptyShares(count: Int) async throws {
        try await withFake(adjust: { $0.sharedFiles = count }) { fixture in
            let lines = LoggedLines()
            try await fixture.withClient { client in
                let check = SlskdReadiness(
                    client: client, downloads: nil,
                    logger: Logger(label: "test") { _ in
                        LineLogHandler(service: "test", level: .info, format: .json) { line in
                            lines.append(line)
                        }
                    })
                for _ in 0..<3 { #expect(await check.run() == .ready) }
            }
            #expect(lines.all.count { $0.contains("shares no files") } == (count == 0 ? 1 : 0))
        }
    }

    @Test("The downloads folder must be slskd's own")
    func provesMapping() async throws {
        try await withFake { fixture in
            let downloads = fixture.fake.settings.downloads
            #expect(try await readiness(fixture, downloads: downloads) == .ready)
            let other = try folder("other", in: fixture, files: ["a", "b"])
            #expect(try await readiness(fixture, downloads: other).reason.contains("lists an empty folder") == true)
            _ = try folder("downloads", in: fixture, files: ["x", "y", "z", ".hidden"])
            #expect(try await readiness(fixture, downloads: downloads) == .ready)
            #expect(try await readiness(fixture, downloads: other).reason.contains("3 of 3") == true)
            // Some may have come or gone.
            let almost = try folder("almost", in: fixture, files: ["x", "y", "new"])
            #expect(try await readiness(fixture, downloads: almost) == .ready)
            let missing = fixture.folder.appending(path: "missing")
            #expect(try await readiness(fixture, downloads: missing).reason.contains("does not exist") == true)
        }
    }

    @Test("An inconclusive check of the folder does not prevent the use of slskd")
    func bearsDoubt() async throws {
        try await withFake { fixture in
            let empty = try folder("empty", in: fixture)
            #expect(try await readiness(fixture, downloads: empty) == .ready)
            fixture.fake.inject(.responds(status: 403), on: [.downloads])
            let other = try folder("other", in: fixture, files: ["a"])
            #expect(try await readiness(fixture, downloads: other) == .ready)
        }
    }
}

extension SourceReadiness {
    fileprivate var reason: String {
        if case .notReady(let reason) = self { reason } else { "" }
    }
}

/// The lines of a logger.
private final class LoggedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) { lines.withLock { $0.append(line) } }
}
