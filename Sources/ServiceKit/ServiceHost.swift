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

    public init(_ runtimes: [(ServiceRuntime, Build)]) { self.runtimes = runtimes }

    /// Runs the services.
    /// - Throws: the error because of which a service stopped, such as `SettingsError`, or `AMQPError`
    ///   `.preconditionFailed` when the broker has a queue with other arguments.
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
        // Handlers have the grace time; the rest is for settling deliveries and closing connections.
        configuration.maximumGracefulShutdownDuration = grace + .seconds(10)
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
