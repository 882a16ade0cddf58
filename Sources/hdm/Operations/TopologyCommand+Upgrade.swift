import AMQP
import ArgumentParser
import Contracts
import Files
import Foundation
import ServiceKit

extension TopologyCommand {
    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives the queues of the broker the arguments of this version, and keeps their messages.",
            discussion:
                "Pauses the services, moves the messages of each queue that differs, declares it anew, and resumes the "
                + "services. Services of earlier versions know no pause and must be stopped before. A run that was "
                + "interrupted is continued by the next one; the services stay paused until then. Exits with 0 if the "
                + "broker has the topology afterwards, 75 if clients still use the queues, 69 if the broker does not "
                + "respond.")

        @Flag(help: "Print what would change, and change nothing.")
        var dryRun = false

        @Flag(
            help:
                "All services are stopped. Without HDM_MANAGEMENT_URL the command cannot see which messages they hold.")
        var servicesStopped = false

        @Option(help: "How many seconds to wait for running jobs.")
        var wait = 30

        func run() async throws {
            let raw = try await Settings.load()
            let settings = try ServiceSettings(raw, for: .gateway)
            let overview = try settings.brokers.first.flatMap { try BrokerOverview(raw, $0) }
            try await TopologyCommand.withConnection(settings, "hdm topology upgrade") { connection in
                let upgrade = TopologyUpgrade(
                    connection, Topology(settings.queueType), user: settings.brokers.first?.user ?? "",
                    overview: { try await overview?.use() }, report: { StandardOutput.write($0) })
                let plan = try await upgrade.plan()
                guard !dryRun else {
                    for line in plan.isEmpty ? ["no queue differs"] : plan { StandardOutput.write(line) }
                    return
                }
                guard overview != nil || servicesStopped else { throw Self.blind }
                try await perform(upgrade, in: settings.downloadsDir)
            }
            if !dryRun { StandardOutput.write("the broker has the topology of HDM") }
        }

        /// Pauses the services, upgrades, and resumes them. After an error in between they stay paused.
        private func perform(_ upgrade: TopologyUpgrade, in downloads: URL) async throws {
            let markers = PauseMarkers(downloads: downloads)
            let lock = try await Self.onVolume {
                try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
                return UpgradeLock(try FileLock.tryLock(bytes: [0], of: markers.upgradeLock.path))
            }
            guard lock.isHeld else {
                throw CommandFailure(status: ExitStatus.busy, "another `hdm topology upgrade` runs")
            }
            do {
                // Services read the markers every second.
                if !servicesStopped { try await Task.sleep(for: PauseMarkers.reaction) }
                try await upgrade.waitForStandstill(.seconds(wait))
            } catch {
                // Nothing has changed, unless an earlier run was interrupted.
                if try await !upgrade.isBegun() { _ = try await Self.resume(markers) }
                throw (error as? UpgradeFailure).map { CommandFailure(status: ExitStatus.busy, "\($0)") } ?? error
            }
            do {
                try await upgrade.run()
            } catch let error as UpgradeFailure {
                throw CommandFailure(status: ExitStatus.busy, "\(error). The services stay paused until then.")
            } catch {
                throw CommandFailure(
                    status: ExitStatus.unavailable,
                    "the upgrade was interrupted: \(error). Run `hdm topology upgrade` again to finish it; no message is "
                        + "lost, and the services stay paused until then.")
            }
            _ = try await Self.resume(markers)
            withExtendedLifetime(lock) {}
        }

        private static func resume(_ markers: PauseMarkers) async throws -> Bool {
            try await onVolume { try markers.resume(.all, for: PauseMarkers.upgrade) }
        }

        private static func onVolume<Value: Sendable>(
            _ body: @escaping @Sendable () throws -> Value
        ) async throws -> Value {
            do {
                return try await BlockingPool.markers.run(within: .seconds(30), body)
            } catch is PoolTimeout {
                throw CommandFailure(
                    status: ExitStatus.unavailable,
                    "the volume of DOWNLOADS_DIR did not answer for 30 s. The services may be paused: run `hdm topology "
                        + "upgrade` again when it does.")
            }
        }

        private static let blind = CommandFailure(
            status: ExitStatus.configuration,
            "HDM_MANAGEMENT_URL is not set, so the messages that services hold cannot be seen. Set it, or stop all services "
                + "and add --services-stopped.")
    }
}

/// Holds the lock of the command: two upgrades at once would double messages.
private final class UpgradeLock: Sendable {
    private let lock: FileLock?

    init(_ lock: consuming FileLock?) { self.lock = lock }

    var isHeld: Bool { lock != nil }
}
