import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Fakes

/// The stand-in for slskd as a program, to look at HDM without an account.
@main
struct SlskdSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hdm-slskd-sim",
        abstract:
            "CannedResponses like an slskd that is logged in, with a few invented peers who share real audio files.",
        discussion: "No network is reached but the port that it listens on; files are copied from the shared folder.")

    @Option(help: "Where finished files go; is made when it is missing.")
    var downloads: String

    @Option(help: "Where files are while they are received; a folder `incomplete` beside the downloads if not given.")
    var incomplete: String?

    @Option(help: "A tree of audio files that the peers share; five tracks of Marlene Quist and others if not given.")
    var share: String?

    @Option(help: "Where to listen.")
    var host = "127.0.0.1"

    @Option(help: "The port; slskd's own is 5030.")
    var port = 5030

    @Option(help: "The key that X-API-Key must hold, of 16 to 255 characters.")
    var apiKey = "stand-in-key-0123456789"

    @Option(help: "Which slskd to be: 0.26.0, 0.25.0 or 0.23.0.")
    var version = "0.26.0"

    @Option(help: "What stands before every path, such as /slskd.")
    var urlBase = ""

    @Option(help: "How many times faster than in life peers and slskd are.")
    var speedUp = 1.0

    @Flag(help: "Adds peers that are offline, never start, stall, reject, corrupt, or disappear.")
    var misbehave = false

    func validate() throws {
        guard FakeVersion(version) != nil else { throw ValidationError("--version must be like 0.26.0") }
        guard (16...255).contains(apiKey.count) else { throw ValidationError("--api-key needs 16 to 255 characters") }
        guard speedUp > 0 else { throw ValidationError("--speed-up must be above 0") }
        guard urlBase.isEmpty || urlBase.hasPrefix("/") else { throw ValidationError("--url-base begins with /") }
    }

    func run() async throws {
        let made = share == nil ? try Self.makeCollection() : nil
        defer { if let made { try? FileManager.default.removeItem(at: made) } }
        let tree = made ?? URL(filePath: share ?? "", directoryHint: .isDirectory)
        let files = try SlskdSharedFile.tree(tree)
        let fake = FakeSlskd(settings, peers: SlskdPeer.crowd(sharing: files, misbehaving: misbehave))
        let logger = Logger(label: "hdm-slskd-sim")
        logger.info("shares files", metadata: ["files": "\(files.count)"])
        let service = SlskdSimService(fake: fake, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private var settings: FakeSettings {
        let folder = URL(filePath: downloads, directoryHint: .isDirectory)
        var settings = FakeSettings(folder: folder.deletingLastPathComponent())
        settings.downloads = folder
        if let incomplete { settings.incomplete = URL(filePath: incomplete, directoryHint: .isDirectory) }
        (settings.host, settings.port, settings.apiKey, settings.urlBase) = (host, port, apiKey, urlBase)
        settings.version = FakeVersion(version) ?? .v0_26
        settings.timing = FakeTiming(speedUp: speedUp)
        return settings
    }

    private static func makeCollection() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hdm-slskd-sim-\(UUID().uuidString)")
        try AudioFixture.demoCollection(in: folder)
        return folder
    }
}

/// Runs the stand-in until a signal.
struct SlskdSimService: Service {
    let fake: FakeSlskd
    let logger: Logger

    func run() async throws {
        try await fake.start()
        logger.info("listens", metadata: ["address": "\(fake.baseURL)"])
        try? await gracefulShutdown()
        await fake.stop()
    }
}
