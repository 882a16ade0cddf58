import Foundation

/// The figures of one run of the stages.
struct PipelineFigures: Codable, Sendable {
    /// Completed jobs a second.
    var jobsPerSecond: Double
    /// Milliseconds from publish to the event of the last stage.
    var p50: Double
    var p99: Double
    /// CPU seconds of all processes for 1000 jobs.
    var cpuPer1000: Double
    /// Resident memory of the largest process, in MB.
    var largestMB: Double

    /// The median of each figure.
    static func median(_ runs: [PipelineFigures]) -> PipelineFigures {
        func middle(_ figure: (PipelineFigures) -> Double) -> Double {
            let values = runs.map(figure).sorted()
            return values.isEmpty ? 0 : values[values.count / 2]
        }
        return PipelineFigures(
            jobsPerSecond: middle(\.jobsPerSecond), p50: middle(\.p50), p99: middle(\.p99),
            cpuPer1000: middle(\.cpuPer1000), largestMB: middle(\.largestMB))
    }
}

/// HDM's stages compared to the loop in C.
struct PipelineReport: Codable, Sendable {
    var jobs: Int
    var concurrency: Int
    var hdm: PipelineFigures
    var raw: PipelineFigures

    /// A table for people.
    var table: String {
        let rows = [
            row("jobs/s, four stages", \.jobsPerSecond), row("p50 ms at 20 jobs/s", \.p50),
            row("p99 ms at 20 jobs/s", \.p99), row("CPU s per 1000 jobs", \.cpuPer1000),
            row("largest process, MB", \.largestMB),
        ]
        return
            (["\(jobs) jobs of 1 KB, \(concurrency) in flight a stage", Self.line("", "hdm", "raw C", "hdm/raw")] + rows)
            .joined(separator: "\n")
    }

    private func row(_ name: String, _ figure: (PipelineFigures) -> Double) -> String {
        let (ours, theirs) = (figure(hdm), figure(raw))
        return Self.line(name, Self.text(ours), Self.text(theirs), theirs > 0 ? Self.text(ours / theirs) : "-")
    }

    private static func text(_ number: Double) -> String { String(format: "%.2f", number) }

    private static func line(_ name: String, _ cells: String...) -> String {
        name.padding(toLength: 24, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
}
