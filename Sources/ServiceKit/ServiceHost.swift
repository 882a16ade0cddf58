import AMQP
import Contracts
import CoreMetrics
import Foundation
import Logging
public import ServiceLifecycle
import Synchronization
import UnixSignals

/// How a process ends, as shells and supervisors see it (sysexits.h).
public enum ExitStatus {
    /// A dependency is not there.
    public static let unavailable: Int32 = 69
    /// Something inside went wrong.
    public static let software: Int32 = 70
    /// A volume is missing or cannot be written.
    public static let volume: Int32 = 71
    /// A setting is wrong.
    public static let configuration: Int32 = 78
}

/// Runs services until SIGTERM or SIGINT, then stops them in order within a bounded time.
public struct ServiceHost: Sendable {
    /// Makes the parts of one service, in the order in which they depend on each other.
    public typealias Build = @Sendable (ServiceRuntime) async throws -> [any Service]

    private let runtimes: [(ServiceRuntime, Build)]

    public init(_ runtimes: [(ServiceRuntime, Build)]) { self.runtimes = runtimes }

    /// Runs the services.
    /// - Throws: what a service could not go on with; `SettingsError` and `AMQPError` `.preconditionFailed` when the
    ///   broker's topology is another one.
    public func run() async throws {
        MetricsSystem.bootstrapOnce(PrometheusRegistry.process)
        var services: [any Service] = []
        for (runtime, _) in runtimes { services.append(RuntimeService(runtime)) }
        for (runtime, build) in runtimes { services += try await build(runtime) }
        guard let logger = runtimes.first?.0.logger else { return }
        let grace = runtimes.map(\.0.settings.shutdownGrace).max() ?? .seconds(20)
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Self.quiet(logger))
        // Handlers get the grace time; what follows is settling and saying goodbye.
        configuration.maximumGracefulShutdownDuration = grace + .seconds(10)
        let group = ServiceGroup(configuration: configuration)
        let result = await Result { try await group.run() }
        for (runtime, _) in runtimes { await runtime.close() }
        // Otherwise a service was told to stop while it waited for something: that is how it ends.
        do { try result.get() } catch is CancellationError {}
    }

    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .error)
        return logger
    }
}

/// Keeps a runtime's connections and topology; the first to start and the last to stop.
struct RuntimeService: Service {
    private let runtime: ServiceRuntime
    private let topology = DeclaredTopology()

    /// Adds a check to the runtime's readiness: who publishes to a ready service must find its queues.
    init(_ runtime: ServiceRuntime) {
        self.runtime = runtime
        runtime.readiness.add("topology") { [topology] in
            topology.isComplete.withLock(\.self) ? .ok : .failing("the queues are not declared yet")
        }
    }

    func run() async throws {
        let poll = ReadinessPoll(runtime.readiness, watching: [runtime.publishing, runtime.consuming])
        let result = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask { await Result { try await poll.run() } }
            group.addTask { await Result { await logConnection() } }
            group.addTask {
                await Result {
                    try await declareTopology()
                    try await gracefulShutdown()
                }
            }
            // The first to end ends all: the shutdown, or a topology that is not ours.
            let first = await group.next()
            group.cancelAll()
            return first ?? .success(())
        }
        // Told to stop, perhaps while it waited for the broker. On a failure the connections stay: closing them would
        // end the other services first, and that would be taken for the reason.
        do { try result.get() } catch is CancellationError {}
        await runtime.close()
        runtime.logger.log(event: .serviceStopped, "stopped")
    }

    private func declareTopology() async throws {
        repeat { try await runtime.waitForBroker() } while try await !isDeclared()
        topology.isComplete.withLock { $0 = true }
        await runtime.readiness.refresh()
        runtime.logger.log(event: .serviceStarted, "started", metadata: ["instance": .string(runtime.instance)])
    }

    /// - Returns: whether the broker was there to the end.
    private func isDeclared() async throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            try await runtime.consuming.declare(Topology(runtime.settings.queueType).declarations)
            return true
        } catch {
            guard error.isRetriable else { throw error }
            return false
        }
    }

    private func logConnection() async {
        for await status in runtime.consuming.statusChanges {
            switch status {
            case .open(let version, _):
                runtime.logger.log(
                    event: .brokerConnected, "connected to the broker", metadata: ["version": .string(version)])
            case .down(let error):
                runtime.logger.log(
                    event: .brokerLost, level: .warning, "no connection to the broker; trying again",
                    metadata: [LogKey.error: .string(error.message)])
            case .connecting, .closed: break
            }
        }
    }
}

/// Whether the broker has had all queues from this process. From then on the connection keeps them declared.
private final class DeclaredTopology: Sendable {
    let isComplete = Mutex(false)
}

extension MetricsSystem {
    private static let once: Void = bootstrap(PrometheusRegistry.process)

    /// Installs the registry; a process that does so again keeps the first.
    static func bootstrapOnce(_ registry: PrometheusRegistry) { _ = once }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
