import ArgumentParser
import Contracts
import Foundation
import ServiceKit
import TestSupport

/// Compares the stages with no-op handlers to plain loops in C, on the real topology and a private broker.
struct PipelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline",
        abstract: "Throughput, latency, CPU and memory of the stages, compared to a plain librabbitmq loop in C.")

    @Option(help: "The number of jobs in one throughput run.")
    var jobs = 4000

    @Option(help: "Throughput runs of each kind. They alternate, and the report has their median.")
    var rounds = 3

    @Option(help: "Jobs in flight in a stage: concurrency, and the prefetch of the loop in C.")
    var concurrency = 128

    @Option(help: "The seconds of the latency run, at 20 jobs a second.")
    var latencySeconds = 10

    @Option(help: "A file to which the figures are written as JSON as well.")
    var json: String?

    func run() async throws {
        let report = try await PrivateBroker.run { broker in try await measure(broker) }
        StandardOutput.write(report.table)
        if let json { try ContractCoding.encode(report, sorted: true).write(to: URL(filePath: json)) }
    }

    private func measure(_ broker: PrivateBroker) async throws -> PipelineReport {
        var figures: [StageProcesses.Kind: [PipelineFigures]] = [:]
        for round in 1...rounds {
            for kind in StageProcesses.Kind.allCases {
                FileHandle.standardError.write(Data("round \(round) of \(rounds): \(kind.rawValue)\n".utf8))
                figures[kind, default: []].append(try await measure(kind, broker))
            }
        }
        return PipelineReport(
            jobs: jobs, concurrency: concurrency, hdm: .median(figures[.hdm] ?? []), raw: .median(figures[.raw] ?? []))
    }

    private func measure(_ kind: StageProcesses.Kind, _ broker: PrivateBroker) async throws -> PipelineFigures {
        try await withTemporaryFolder { folder in
            let driver = try PipelineDriver(brokerURL: broker.url)
            try await driver.open()
            let stages = try StageProcesses(
                kind, brokerURL: broker.url, concurrency: concurrency, folder: folder.url)
            defer { stages.stop() }
            // The first jobs are not measured: caches are cold, and connections are being opened.
            _ = try await driver.run(100, pace: nil)
            let cpuBefore = stages.cpuSeconds
            let flood = try await driver.run(jobs, pace: nil)
            let cpu = stages.cpuSeconds - cpuBefore
            let paced = try await driver.run(latencySeconds * 20, pace: .milliseconds(50))
            await driver.close()
            return PipelineFigures(
                jobsPerSecond: Double(jobs) / (flood.whole / .seconds(1)), p50: paced.each.percentile(0.5),
                p99: paced.each.percentile(0.99), cpuPer1000: cpu / Double(jobs) * 1000,
                largestMB: stages.largestResidentMB)
        }
    }
}

extension [Duration] {
    /// In milliseconds.
    fileprivate func percentile(_ share: Double) -> Double {
        let sorted = sorted()
        guard let last = sorted.last else { return 0 }
        let index = Swift.min(Int(Double(count) * share), count - 1)
        return (sorted.isEmpty ? last : sorted[index]) / .milliseconds(1)
    }
}
