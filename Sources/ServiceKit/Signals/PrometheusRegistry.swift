public import CoreMetrics
import Synchronization

/// A metrics backend that renders the metrics of a process in the text format 0.0.4 of Prometheus.
///
/// The project has no library for this format. HDM's metrics need counters, gauges and histograms only.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    /// The registry of this process.
    public static let process = PrometheusRegistry()

    private let instruments = Mutex<[MetricName: any Instrument]>([:])

    public init() {}

    /// Returns the body of the response to `GET /metrics`.
    public func render() -> String {
        let all = instruments.withLock { $0 }
        let families = Dictionary(grouping: all, by: \.key.family)
        return families.sorted { $0.key < $1.key }.map { family, members in
            let kind = members.first?.value.kind ?? "untyped"
            let lines = members.sorted { $0.key.labels < $1.key.labels }.flatMap { $0.value.lines($0.key) }
            return "# TYPE \(family) \(kind)\n" + lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        instrument(label, dimensions) { CounterInstrument() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? instrument(label, dimensions) { HistogramInstrument() }
            : instrument(label, dimensions) { GaugeInstrument() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instrument(label, dimensions) { GaugeInstrument() }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instrument(label, dimensions) { HistogramInstrument() }
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func instrument<Made: Instrument>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Made
    ) -> Made {
        let name = MetricName(label, dimensions)
        return instruments.withLock { instruments in
            if let known = instruments[name] as? Made { return known }
            let made = make()
            instruments[name] = made
            return made
        }
    }
}
