import ArgumentParser
import Fakes
import Foundation
import Logging
import ServiceLifecycle

/// Runs the fake of slskd as a program, to try HDM without a Soulseek account.
@main
struct SlskdSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hdm-slskd-sim",
        abstract:
            "Runs a fake slskd that is logged in, with invented peers that share real audio files.",
        discussion: "It uses no network except its own port. Files are copied from the shared folder.")

    @Option(help: "The folder of finished files. It is created if it does not exist.")
    var downloads: String

    @Option(help: "The folder of partial files. Default: the folder `incomplete` beside the downloads.")
    var incomplete: String?

    @Option(help: "The folder of audio files that the peers share. Default: five invented tracks.")
    var share: String?

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for a free one.")
    var port = 5030

    @Option(help: "The required value of X-API-Key, 16 to 255 characters.")
    var apiKey = "fake-slskd-key-0123456789"

    @Option(help: "The emulated version of slskd: 0.26.0, 0.25.0 or 0.23.0.")
    var version = "0.26.0"

    @Option(help: "The prefix of all paths, such as /slskd.")
    var urlBase = ""

    @Option(help: "The factor by which slskd and its peers are faster than real ones.")
    var speedUp = 1.0

    @Flag(help: "Adds peers that are offline, never start, stall, reject requests, corrupt files, or disappear.")
    var misbehave = false

    func validate() throws {
        guard FakeVersion(version) != nil else {
            throw ValidationError("--version is '\(version)': use three numbers such as 0.26.0")
        }
        guard (16...255).contains(apiKey.count) else {
            throw ValidationError("--api-key has \(apiKey.count) characters: use 16 to 255")
        }
        guard speedUp > 0 else { throw ValidationError("--speed-up is \(speedUp): use a number above 0") }
        guard urlBase.isEmpty || urlBase.hasPrefix("/") else {
            throw ValidationError("--url-base is '\(urlBase)': it must begin with /")
        }
    }

    func run() async throws {
        let temporary = share == nil ? try Self.writeCollection() : nil
        defer { if let temporary { try? FileManager.default.removeItem(at: temporary) } }
        let folder = temporary ?? URL(filePath: share ?? "", directoryHint: .isDirectory)
        let files = try SlskdSharedFile.tree(folder)
        let fake = FakeSlskd(settings, peers: SlskdPeer.samples(sharing: files, misbehaving: misbehave))
        let logger = Logger(label: "hdm-slskd-sim")
        logger.info("sharing files", metadata: ["files": "\(files.count)"])
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

    private static func writeCollection() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hdm-slskd-sim-\(UUID().uuidString)")
        try AudioFixture.writeDemoCollection(to: folder)
        return folder
    }
}

/// Runs the fake until a signal.
struct SlskdSimService: Service {
    let fake: FakeSlskd
    let logger: Logger

    func run() async throws {
        try await fake.start()
        logger.info("listening", metadata: ["address": "\(fake.baseURL)"])
        try? await gracefulShutdown()
        await fake.stop()
    }
}
