import CoreMetrics
import Synchronization

/// A metric's name and its labels in the text format.
struct MetricName: Hashable {
    let family: String
    let labels: String

    init(_ label: String, _ dimensions: [(String, String)]) {
        family = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        labels = dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
    }

    func line(_ value: String, suffix: String = "", extra: String = "") -> String {
        let all = [labels, extra].filter { !$0.isEmpty }.joined(separator: ",")
        return "\(family)\(suffix)\(all.isEmpty ? "" : "{\(all)}") \(value)"
    }

    /// Escapes by code points: in Swift, a line end can be a part of a longer character.
    private static func escape(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

/// One metric with one set of labels.
protocol Instrument: Sendable {
    var kind: String { get }
    func lines(_ name: MetricName) -> [String]
}

final class CounterInstrument: Instrument, CounterHandler {
    private let value = Mutex<Int64>(0)

    var kind: String { "counter" }

    func increment(by amount: Int64) { value.withLock { $0 += amount } }

    func reset() { value.withLock { $0 = 0 } }

    func lines(_ name: MetricName) -> [String] { [name.line(String(value.withLock { $0 }))] }
}

final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
    private let value = Mutex<Double>(0)

    var kind: String { "gauge" }

    func set(_ number: Int64) { set(Double(number)) }
    func set(_ number: Double) { value.withLock { $0 = number } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ number: Int64) { set(number) }
    func record(_ number: Double) { set(number) }

    func lines(_ name: MetricName) -> [String] { [name.line(String(value.withLock { $0 }))] }
}

/// A histogram in seconds for timers, in the recorder's own unit otherwise.
final class HistogramInstrument: Instrument, TimerHandler, RecorderHandler {
    static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]

    private struct State {
        var counts = [Int64](repeating: 0, count: HistogramInstrument.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    var kind: String { "histogram" }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ number: Int64) { record(Double(number)) }

    func record(_ number: Double) {
        let bucket = Self.bounds.firstIndex { number <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += number
        }
    }

    func lines(_ name: MetricName) -> [String] {
        let state = state.withLock { $0 }
        var total: Int64 = 0
        var lines: [String] = []
        for (bound, count) in zip(Self.bounds.map { String($0) } + ["+Inf"], state.counts) {
            total += count
            lines.append(name.line(String(total), suffix: "_bucket", extra: "le=\"\(bound)\""))
        }
        return lines + [name.line(String(state.sum), suffix: "_sum"), name.line(String(total), suffix: "_count")]
    }
}
