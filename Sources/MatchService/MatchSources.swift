import AudioSources
import Foundation
import Logging
import Metadata
import NIOPosix
import ServiceKit
import ServiceLifecycle

/// The sources that the settings name, and what keeps them going.
struct MatchSources {
    var all: [any SearchSource] = []
    var services: [any Service] = []

    /// - Parameter gateway: knows the secrets that are not among the settings.
    /// - Throws: `SettingsError`; `SourceError` when an index cannot be opened.
    init(_ runtime: ServiceRuntime, gateway: GatewayChannel) async throws {
        let named = runtime.raw.list("HDM_SOURCES")
        for name in named.isEmpty ? [FolderSource.sourceName] : named {
            guard !all.contains(where: { $0.name == name }) else { continue }
            switch name {
            case FolderSource.sourceName: try await addFolder(runtime)
            case SlskdSource.sourceName: try addSlskd(runtime, gateway)
            default:
                throw SettingsError(
                    "HDM_SOURCES",
                    "names a source that does not exist: '\(name)'; there are '\(FolderSource.sourceName)' and "
                        + "'\(SlskdSource.sourceName)'")
            }
        }
    }

    private mutating func addFolder(_ runtime: ServiceRuntime) async throws {
        var configuration = FolderSourceConfiguration(
            roots: runtime.raw.list("HDM_FOLDER_SOURCE_DIRS", separator: ":").map { URL(filePath: $0) },
            indexPath: runtime.settings.stateDir.appending(path: "folder-index.db"))
        configuration.rescanInterval = try runtime.raw.seconds(
            "HDM_FOLDER_RESCAN_S", default: configuration.rescanInterval, in: 10...604_800)
        configuration.recheckAge = try runtime.raw.seconds(
            "HDM_FOLDER_RECHECK_S", default: configuration.recheckAge, in: 0...86_400)
        let folder = try await NIOThreadPool.singleton.runIfActive { [configuration] in
            try FolderSource(configuration, logger: runtime.logger)
        }
        all.append(folder)
        services.append(FolderIndexing(source: folder))
    }

    private mutating func addSlskd(_ runtime: ServiceRuntime, _ gateway: GatewayChannel) throws {
        let settings = try SlskdSettings(
            text: runtime.raw.text, secret: runtime.raw.secret, integer: runtime.raw.integer,
            problem: SettingsError.init)
        let secret =
            settings.apiKey == nil
            ? RemoteSecret(.slskdAPIKey, channel: gateway, logger: runtime.logger) : nil
        let client = SlskdClient(base: settings.baseURL, limits: settings.limits) { settings.apiKey ?? secret?.value }
        if let secret { services.append(secret) }
        let slskd = SlskdSource(settings, client: client, logger: runtime.logger)
        all.append(slskd)
        services.append(SlskdSweeping(source: slskd, logger: runtime.logger))
    }
}

/// Keeps the index of the folder source fresh while the service runs.
struct FolderIndexing: Service {
    let source: FolderSource

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await source.run() }
        } catch is CancellationError {
            // The end of the service.
        }
    }
}

/// Deletes searches that dead processes left at slskd, at the start and from time to time.
struct SlskdSweeping: Service {
    let source: SlskdSource
    let logger: Logger

    func run() async throws {
        let sweep = SlskdSweep("searches", logger: logger) { try await source.removeLeftovers() }
        do {
            try await cancelWhenGracefulShutdown { try await sweep.run() }
        } catch is CancellationError {
            // The end of the service.
        }
    }
}
