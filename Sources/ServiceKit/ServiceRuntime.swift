public import AMQP
public import Contracts
import Foundation
public import Logging
import ServiceLifecycle

/// The parts that every service has: settings, logger, connections to the broker, and readiness.
public struct ServiceRuntime: Sendable {
    public let name: ServiceName
    /// The process, for events, dead letters and the management UI.
    public let instance: String
    public let settings: ServiceSettings
    /// All settings, for those that only one service has.
    public let raw: Settings
    public let logger: Logger
    public let readiness: Readiness
    /// Whether a person or a command pauses the service.
    public let pauses: PauseState
    /// The counts of deliveries, for the heartbeats.
    public let status = StatusRegistry()
    /// The connection for publishing. A broker under a memory alarm stops reading from it, so acks need another one.
    public let publishing: AMQPConnection
    /// The connection for consuming.
    public let consuming: AMQPConnection
    public let publisher: JobPublisher

    /// Reads the settings and starts the connections to the broker.
    /// - Parameter port: the port to listen on instead of the one that is set; for services that share a process.
    /// - Throws: ``SettingsError``.
    public init(
        _ name: ServiceName, _ raw: Settings, port: Int? = nil, logger: Logger? = nil
    ) throws(SettingsError) {
        var settings = try ServiceSettings(raw, for: name)
        if let port { settings.httpPort = port }
        let instance = "\(name.rawValue)-\(ProcessInfo.processInfo.hostName)-\(getpid())"
        var logger =
            logger
            ?? Logger(label: name.rawValue) { _ in
                LineLogHandler(service: name.rawValue, level: settings.logLevel, format: settings.logFormat)
            }
        logger.logLevel = settings.logLevel
        self.name = name
        self.instance = instance
        self.settings = settings
        self.raw = raw
        self.logger = logger
        readiness = Readiness(service: name, logger: logger)
        pauses = PauseState(PauseMarkers(downloads: settings.downloadsDir), service: name)
        publishing = Self.connect(settings, "\(instance) publish", logger)
        consuming = Self.connect(settings, "\(instance) consume", logger)
        publisher = JobPublisher(publishing, instance: instance)
        addBrokerCheck()
        readiness.add("pause") { [pauses] in pauses.check }
    }

    private static func connect(_ settings: ServiceSettings, _ name: String, _ logger: Logger) -> AMQPConnection {
        var configuration = ConnectionConfiguration(addresses: settings.brokers, name: name)
        configuration.heartbeat = settings.heartbeat
        configuration.tls = settings.tls
        return AMQPConnection(configuration, logger: logger)
    }

    private func addBrokerCheck() {
        readiness.add("broker") { [publishing, consuming] in
            let worst = [consuming.status, publishing.status].first { !$0.isUsable }
            return CheckResult(worst ?? publishing.status)
        }
    }

    /// Closes the connections. A repetition changes nothing.
    func close() async {
        await consuming.close()
        await publishing.close()
    }

    /// Waits until the broker responds, without a time limit. Logs every five seconds that it waits.
    /// - Throws: `CancellationError`.
    public func waitForBroker() async throws {
        // In short steps, because the wait for a connection ends neither on cancellation nor on shutdown.
        var steps = 0
        while !Task.isCancelled, !Task.isShuttingDownGracefully, consuming.status != .closed {
            do throws(AMQPError) {
                try await consuming.waitUntilOpen(timeout: .milliseconds(500))
                return
            } catch {
                steps += 1
                guard steps.isMultiple(of: 10) else { continue }
                logger.log(
                    event: .brokerLost, level: .warning, "waiting for the broker",
                    metadata: [LogKey.error: .string(error.message)])
            }
        }
        throw CancellationError()
    }

    /// Whether the service is ready and not paused.
    public var mayConsume: Bool { readiness.isReady && !pauses.isPaused }

    /// Pauses a subscription while the service is not ready or a marker pauses it. Runs until the task is cancelled.
    public func gate(_ subscription: Subscription) async {
        await pauses.refresh()
        let (steps, step) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup { group in
            group.addTask { for await _ in readiness.changes { step.yield() } }
            group.addTask { for await _ in pauses.changes { step.yield() } }
            group.addTask {
                var isOpen: Bool?
                for await _ in steps where mayConsume != isOpen {
                    let opens = mayConsume
                    await open(subscription, opens)
                    isOpen = opens
                }
            }
            // All end with the cancellation.
            await group.waitForAll()
        }
    }

    private func open(_ subscription: Subscription, _ isOpen: Bool) async {
        do throws(AMQPError) {
            if isOpen { try await subscription.resume() } else { try await subscription.pause() }
        } catch {
            // The connection applies the change after it reconnects.
            logger.debug(
                "a subscription is paused or resumed later", metadata: [LogKey.error: .string(error.message)])
        }
    }
}

extension ServiceSettings {
    /// Returns the settings of a stage.
    public subscript(stage: Stage) -> StageSettings {
        stages[stage] ?? StageSettings()
    }
}
