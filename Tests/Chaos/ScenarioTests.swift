import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Long failures of one kind, under load. They run with `compose/test --soak` only.
///
/// `HDM_SOAK_HASTE` divides all durations, to try a scenario quickly.
@Suite(.serialized, .enabled(if: ChaosOptions.isSoak, "run compose/test --soak MINUTES"))
struct ScenarioTests {
    private static let options = ChaosOptions.current

    private static func hasty(_ seconds: Double) -> Duration { .seconds(seconds / options.haste) }

    private static func run(
        _ name: String, _ workload: Workload, length: Duration, settings: [String: String] = [:]
    ) -> ChaosRun {
        ChaosRun(
            name: name, seed: options.seed, workload: workload, length: length, patience: options.patience,
            settings: settings, journals: options.journals)
    }

    @Test(arguments: [1, 10])
    func `a transfer that is longer than the broker's consumer timeout is ordered once`(count: Int) async throws {
        let transfer = Self.hasty(300)
        var run = Self.run(
            "transfers-\(count)", Workload(.slskd, count: count, within: 0.01), length: .seconds(5),
            settings: ["HDM_BROKER_ACK_LIMIT_S": "\(Self.holdLimit)", "HDM_TRANSFER_STALL_S": "60"])
        run.speedUp = 1
        run.peers = { [SlowPeer.sharing($0, for: transfer)] }
        // The broker compares once a minute, so this shows nothing with haste.
        let settings = ["consumer_timeout = \(Int(60_000 / Self.options.haste))"]
        try await PrivateBroker.run(settings: settings) { [run] broker in
            let report = try await run.run(on: broker, addresses: [broker.url]) { ground in
                #expect(ground.slskd.log.enqueued.count == count)
                #expect(ground.slskd.enqueuedTwice == [])
                #expect(try ground.stack.logLines(of: .retryScheduled) == [])
                let log = try String(contentsOfFile: broker.folder + "/log/rabbitmq.log", encoding: .utf8)
                let lines = log.split(separator: "\n").filter { $0.contains("consumer ack timed out") }
                #expect(lines.isEmpty, "\(lines)")
            } _: { _ in
            }
            RandomFaultTests.expectNoFindings(report)
            let attempts = report.evidence.jobs.flatMap(\.timeline).map(\.attempt)
            #expect(attempts.allSatisfy { $0 == 1 })
        }
    }

    /// Shorter than the consumer timeout, in seconds.
    private static var holdLimit: Int { max(2, Int(20 / options.haste)) }

    @Test func `200 running jobs survive a memory alarm of ten minutes`() async throws {
        try await outage("alarm", .alarm(.memory), lasting: Self.hasty(600))
    }

    @Test func `200 running jobs survive a broker that is frozen for three minutes`() async throws {
        try await outage("frozen", .freezeBroker(0), lasting: Self.hasty(180))
    }

    @Test(arguments: [QueueName.gatewayEvents, QueueName.deadLetters(.match), QueueName.work(.match)])
    func `a queue that is deleted under load is declared again and loses nothing`(queue: String) async throws {
        let workload = Workload(seed: Self.options.seed, jobs: 200)
        let run = Self.run("deleted-\(queue)", workload, length: Self.hasty(60))
        try await PrivateBroker.run { broker in
            let report = try await run.run(on: broker, addresses: [broker.url]) { injector in
                try await Task.sleep(for: Self.hasty(30))
                await injector.run(Fault(kind: .delete(.queue(queue)), duration: .seconds(1)))
            }
            RandomFaultTests.expectNoFindings(report)
        }
    }

    @Test func `reviews that arrive while the gateway's disk is full are all there afterwards`() async throws {
        let outage = Self.hasty(300)
        let workload = Workload(.approved, count: 60, within: 0.3)
        let run = Self.run("full-disk", workload, length: .seconds(20), settings: ["HDM_QUEUE_TYPE": "quorum"])
        try await PrivateBroker.run { broker in
            let report = try await run.run(on: broker, addresses: [broker.url]) { injector in
                try await Task.sleep(for: .seconds(3))
                await injector.run(Fault(kind: .damageVolume(.state, .full), duration: outage))
            }
            RandomFaultTests.expectNoFindings(report)
        }
    }

    /// Makes one fault while 200 jobs run.
    private func outage(_ name: String, _ kind: Fault.Kind, lasting duration: Duration) async throws {
        let workload = Workload(seed: Self.options.seed, jobs: 200)
        let run = Self.run(name, workload, length: Self.hasty(30))
        try await PrivateBroker.run { broker in
            let report = try await run.run(on: broker, addresses: [broker.url]) { injector in
                try await Task.sleep(for: Self.hasty(15))
                await injector.run(Fault(kind: kind, duration: duration))
            }
            RandomFaultTests.expectNoFindings(report)
        }
    }
}

/// A peer that sends every file at the same time and slowly.
enum SlowPeer {
    /// - Parameter duration: How long one file takes.
    static func sharing(_ files: [SlskdSharedFile], for duration: Duration) -> SlskdPeer {
        var peer = SlskdPeer("slow line", files: files)
        let size = files.map(\.size).max() ?? 1
        peer.speed = max(1, size / max(1, duration.components.seconds))
        peer.uploadSlots = max(1, files.count)
        return peer
    }
}
