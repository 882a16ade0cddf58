import CoreMetrics
import ServiceLifecycle

/// Measures the depth of the dead-letter queues.
struct DepthService: Service {
    let operations: DeadLetterOperations
    var metrics: any MetricsFactory = MetricsSystem.factory

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await self.measure() } while (try? await Task.sleep(for: .seconds(15))) != nil
        }
    }

    /// Updates the gauges. While the broker does not respond they keep their values; readiness reports that.
    func measure() async {
        guard let depths = try? await operations.depths() else { return }
        for (queue, depth) in depths {
            Gauge(label: "hdm_dlq_depth", dimensions: [("queue", queue)], factory: metrics).record(depth)
        }
    }
}
