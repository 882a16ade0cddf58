import Contracts
import CoreMetrics
import Foundation
import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs services until SIGTERM or SIGINT, then stops them in order within a limited time.
public struct ServiceHost: Sendable {
    /// Builds the parts of one service, in the order in which they depend on each other.
    public typealias Build = @Sendable (ServiceRuntime) async throws -> [any Service]

    private let runtimes: [(ServiceRuntime, Build)]
    private let endsProcess: Bool

    /// - Parameter endsProcess: whether the process is ended, with the status 70, when its shutdown hangs.
    public init(_ runtimes: [(ServiceRuntime, Build)], endsProcess: Bool = false) {
        self.runtimes = runtimes
        self.endsProcess = endsProcess
    }

    /// Runs the services.
    /// - Throws: the error because of which a service stopped, such as `SettingsError`, or `AMQPError`
    ///   `.preconditionFailed` when the broker has a queue with other arguments.
    public func run() async throws {
        MetricsSystem.bootstrapOnce(PrometheusRegistry.process)
        // So that the metric exists before the first loss.
        LogOutput.count(0)
        var services: [any Service] = []
        for (runtime, _) in runtimes { services.append(RuntimeService(runtime)) }
        for (runtime, build) in runtimes {
            services += try await Self.reportingDelays(runtime) { try await build(runtime) }
        }
        guard let logger = runtimes.first?.0.logger else { return }
        let grace = runtimes.map(\.0.settings.shutdownGrace).max() ?? .seconds(20)
        // Handlers have the grace time; the rest is for settling deliveries and closing connections.
        let limit = grace + .seconds(10)
        // The last one is the first to shut down.
        if endsProcess { services.append(ShutdownWatchdog(limit: limit + .seconds(2), logger: logger)) }
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Self.quiet(logger))
        configuration.maximumGracefulShutdownDuration = limit
        let group = ServiceGroup(configuration: configuration)
        var failure: (any Error)?
        do {
            try await group.run()
        } catch {
            failure = error
        }
        for (runtime, _) in runtimes { await runtime.close() }
        // A service that is stopped while it waits ends with a cancellation, which is not an error.
        if let failure, !(failure is CancellationError) { throw failure }
    }

    /// How often a start that does not end is reported.
    private static let delay: Duration = .seconds(10)

    /// Builds a service, and logs a warning as long as that does not end: it opens files, and a volume may hang.
    static func reportingDelays<Value: Sendable>(
        _ runtime: ServiceRuntime, every delay: Duration = delay, _ build: () async throws -> Value
    ) async rethrows -> Value {
        let reports = Task {
            while (try? await Task.sleep(for: delay)) != nil {
                runtime.logger.log(
                    event: .workerFailed, level: .warning,
                    "the service has not started yet: opening its files takes long; a volume or a disk may hang",
                    metadata: [
                        "state": .string(runtime.settings.stateDir.path),
                        "downloads": .string(runtime.settings.downloadsDir.path),
                    ])
            }
        }
        defer { reports.cancel() }
        return try await build()
    }

    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .error)
        return logger
    }
}

extension MetricsSystem {
    private static let once: Void = bootstrap(PrometheusRegistry.process)

    /// Installs the registry. Further calls have no effect.
    static func bootstrapOnce(_ registry: PrometheusRegistry) { _ = once }
}
