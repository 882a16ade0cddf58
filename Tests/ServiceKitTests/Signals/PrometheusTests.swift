import CoreMetrics
import Foundation
import Testing

@testable import ServiceKit

struct PrometheusTests {
    private func lines(_ registry: PrometheusRegistry) -> [String] {
        registry.render().split(separator: "\n").map(String.init)
    }

    @Test func `A registry without metrics renders no text`() {
        #expect(PrometheusRegistry().render() == "")
    }

    @Test func `A counter has one value for its labels in any order`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "hdm_jobs_total", dimensions: [("stage", "tag"), ("outcome", "done")]).increment(
            by: 2)
        registry.makeCounter(label: "hdm_jobs_total", dimensions: [("outcome", "done"), ("stage", "tag")]).increment(
            by: 3)
        registry.makeCounter(label: "hdm_jobs_total", dimensions: [("stage", "tag"), ("outcome", "dead")]).increment(
            by: 1)
        registry.makeCounter(label: "hdm.plain-name", dimensions: []).increment(by: 0)
        #expect(
            lines(registry) == [
                "# TYPE hdm_jobs_total counter", #"hdm_jobs_total{outcome="dead",stage="tag"} 1"#,
                #"hdm_jobs_total{outcome="done",stage="tag"} 5"#, "# TYPE hdm_plain_name counter", "hdm_plain_name 0",
            ])
    }

    @Test func `Counts of many tasks are all recorded`() async {
        let registry = PrometheusRegistry()
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    for _ in 0..<100 { registry.makeCounter(label: "c", dimensions: []).increment(by: 1) }
                }
            }
        }
        #expect(lines(registry).last == "c 5000")
    }

    @Test func `A gauge has its last value, and a meter increases and decreases`() {
        let registry = PrometheusRegistry()
        let gauge = registry.makeRecorder(label: "hdm_dlq_depth", dimensions: [], aggregate: false)
        gauge.record(Int64(7))
        gauge.record(3.5)
        let meter = registry.makeMeter(label: "hdm_jobs_in_progress", dimensions: [])
        meter.increment(by: 3)
        meter.decrement(by: 1)
        #expect(
            lines(registry) == [
                "# TYPE hdm_dlq_depth gauge", "hdm_dlq_depth 3.5", "# TYPE hdm_jobs_in_progress gauge",
                "hdm_jobs_in_progress 2.0",
            ])
        meter.set(Int64(-4))
        #expect(lines(registry).last == "hdm_jobs_in_progress -4.0")
    }

    @Test func `A bucket of a histogram counts values up to its bound, and the last one all values`() throws {
        let registry = PrometheusRegistry()
        let timer = registry.makeTimer(label: "hdm_job_duration_seconds", dimensions: [("stage", "move")])
        for seconds in [0.001, 0.005, 0.006, 2, 3600, 5000] { timer.recordNanoseconds(Int64(seconds * 1e9)) }
        let all = lines(registry)
        #expect(all[0] == "# TYPE hdm_job_duration_seconds histogram")
        let buckets = all.filter { $0.contains("_bucket") }
        #expect(buckets.count == HistogramInstrument.bounds.count + 1)
        func bucket(_ bound: String) -> String? {
            buckets.first { $0.hasPrefix(#"hdm_job_duration_seconds_bucket{stage="move",le="\#(bound)"} "#) }?
                .split(separator: " ").last.map(String.init)
        }
        #expect(
            ["0.005", "0.01", "1.0", "2.5", "900.0", "3600.0", "+Inf"].map(bucket) == [
                "2", "3", "3", "4", "4", "5", "6",
            ])
        let counts = buckets.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts == counts.sorted())
        #expect(all.contains(#"hdm_job_duration_seconds_count{stage="move"} 6"#))
        let sum = all.first { $0.hasPrefix("hdm_job_duration_seconds_sum") }?.split(separator: " ").last
        #expect(abs(try #require(sum.flatMap { Double($0) }) - 8602.012) < 0.001)
    }

    @Test func `An aggregating recorder is a histogram in its own unit`() {
        let registry = PrometheusRegistry()
        registry.makeRecorder(label: "r", dimensions: [], aggregate: true).record(Int64(4))
        #expect(lines(registry).contains(#"r_bucket{le="2.5"} 0"#))
        #expect(lines(registry).contains(#"r_bucket{le="5.0"} 1"#))
        #expect(lines(registry).suffix(2) == ["r_sum 4.0", "r_count 1"])
    }

    @Test func `A label's value cannot leave its quotes or its line`() {
        let registry = PrometheusRegistry()
        let hostile = "a\"b\\c\nd\r\ne\"\u{301}f"
        registry.makeCounter(label: "c", dimensions: [("l", hostile)]).increment(by: 1)
        #expect(registry.render() == "# TYPE c counter\nc{l=\"a\\\"b\\\\c\\nd\r\\ne\\\"\u{301}f\"} 1\n")
    }

    @Test func `Characters that a metric name cannot have are replaced`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "hdm jobs/é\n\"x\"", dimensions: []).increment(by: 1)
        #expect(lines(registry).last == "hdm_jobs____x_ 1")
    }
}
