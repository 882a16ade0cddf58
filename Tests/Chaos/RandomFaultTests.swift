import Foundation
import TestSupport
import Testing

/// No job is lost, doubled or left unexplained under random faults: for seconds in the suite, for minutes with
/// `compose/test --soak`.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct RandomFaultTests {
    @Test func `every job ends once under a random fault each second`() async throws {
        let options = ChaosOptions.current
        var run = ChaosRun(
            name: options.isCluster ? "cluster" : "random", seed: options.seed,
            workload: Workload(seed: options.seed, jobs: options.jobs), length: options.duration,
            patience: options.patience, journals: options.journals)
        // A fault whose target is damaged already is skipped, so more are drawn than are made: about one each second.
        let plan = FaultSchedule.Plan(
            seed: options.seed, length: options.duration, pause: .milliseconds(ChaosOptions.isSoak ? 600 : 1000),
            longest: .seconds(ChaosOptions.isSoak ? 90 : 5))
        let report: ChaosReport
        if options.isCluster {
            run.settings["HDM_QUEUE_TYPE"] = "quorum"
            report = try await ChaosCluster.run { [run] cluster in
                try await run.run(on: cluster, addresses: cluster.urls) { await $0.run(FaultSchedule(plan)) }
            }
        } else {
            report = try await PrivateBroker.run { [run] broker in
                try await run.run(on: broker, addresses: [broker.url]) { await $0.run(FaultSchedule(plan)) }
            }
        }
        Self.expectNoFindings(report)
    }

    /// Prints the figures and records an issue with all findings and one for each kind of fault that could not be made.
    static func expectNoFindings(_ report: ChaosReport) {
        print(report.figures)
        #expect(report.isCalm, "jobs are still active; seed \(report.run.seed), journal \(report.journal.file.path)")
        #expect(
            report.findings.isEmpty,
            "seed \(report.run.seed), journal \(report.journal.file.path)\n\(report.details)")
        for (kind, reason) in report.failures where report.faults[kind] == nil {
            Issue.record("no fault \(kind) could be made: \(reason)")
        }
    }
}
