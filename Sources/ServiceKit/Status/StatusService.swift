import Contracts
import CoreMetrics
import Foundation
import ServiceLifecycle
import Synchronization

/// Publishes the heartbeat of a service every ten seconds, as `system.<service>.status` on `hdm.events`.
///
/// A heartbeat is transient and is not waited for. While the broker is away none is published, and while one is not
/// confirmed no other follows, so that none pile up.
struct StatusService: Service {
    private let runtime: ServiceRuntime
    private let interval: Duration
    private let startedAt = Timestamp.now
    private let inFlight = InFlight()

    init(_ runtime: ServiceRuntime, every interval: Duration = SystemStatus.interval) {
        self.runtime = runtime
        self.interval = interval
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { beat() } while (try? await Task.sleep(for: interval)) != nil
        }
    }

    /// The present status.
    var status: SystemStatus {
        let report = runtime.readiness.report()
        let stage = Stage(rawValue: runtime.name.rawValue)
        let counts = runtime.status.counts
        return SystemStatus(
            service: runtime.name, instance: runtime.instance, startedAt: startedAt, version: Product.version,
            ready: report.ok,
            checks: report.checks.sorted { $0.key < $1.key }.map { name, check in
                SystemStatus.Check(name, ok: check.ok, reason: check.reason)
            },
            stage: stage, concurrency: stage.map { runtime.settings[$0].concurrency },
            running: counts.values.reduce(0) { $0 + $1.running }, held: counts.mapValues(\.held),
            paused: runtime.pauses.isPaused)
    }

    private func beat() {
        let status = status
        record(status)
        guard runtime.publishing.status.isUsable, let body = try? ContractCoding.encode(status) else { return }
        guard inFlight.begin() else { return }
        var message = runtime.publisher.messages.message(body, type: MessageType.system, correlationID: nil)
        message.properties.isPersistent = false
        runtime.publishing.publish(
            message, to: ExchangeName.events, key: status.routingKey, timeout: SystemStatus.lifetime
        ) { [inFlight] _ in
            inFlight.end()
        }
    }

    private func record(_ status: SystemStatus) {
        let service = status.service.rawValue
        Gauge(label: "hdm_ready", dimensions: [("service", service)]).record(status.ready ? 1 : 0)
        for (queue, count) in status.held {
            Gauge(label: "hdm_deliveries_held", dimensions: [("service", service), ("queue", queue)]).record(count)
        }
    }
}

/// Whether a heartbeat waits for its confirm.
private final class InFlight: Sendable {
    private let flag = Mutex(false)

    /// - Returns: `false` when one waits already.
    func begin() -> Bool {
        flag.withLock { flag in
            defer { flag = true }
            return !flag
        }
    }

    func end() { flag.withLock { $0 = false } }
}
