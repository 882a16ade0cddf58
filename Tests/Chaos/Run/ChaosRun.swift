import Contracts
import Fakes
import Foundation
import TestSupport

/// One run: services, a broker, fakes, requests and faults, and the comparison at the end.
struct ChaosRun: Sendable {
    var name: String
    var seed: UInt64
    var workload: Workload
    /// How long the requests are submitted.
    var length: Duration
    /// The longest time until all jobs have ended afterwards.
    var patience: Duration
    /// Returns the peers that share the files.
    var peers: @Sendable (_ files: [SlskdSharedFile]) -> [SlskdPeer] = { SlskdPeer.samples(sharing: $0) }
    /// The simulated seconds of slskd in a second.
    var speedUp = 10.0
    /// Additional settings of the services.
    var settings: [String: String] = [:]
    var journals: URL

    /// Starts everything, makes the faults of `faults` during the load, and accounts.
    ///
    /// - Parameter atEnd: Additional checks after the end of all jobs.
    func run(
        on broker: any ChaosBroker, addresses: [String],
        atEnd: @escaping @Sendable (ChaosGround) async throws -> Void = { _ in },
        _ faults: @Sendable (FaultInjector) async throws -> Void
    ) async throws -> ChaosReport {
        let journal = try ChaosJournal(journals.appending(path: "\(name)-\(seed).jsonl"))
        journal.record("seed", "\(seed)")
        print("chaos: \(name), seed \(seed), journal \(journal.file.path)")
        let proxies = try addresses.map { try BrokerProxy(to: $0) }
        defer { for proxy in proxies { proxy.refuse() } }
        return try await withTemporaryFolder { folder in
            let shared = try folder.folder("shared")
            var fakeSettings = FakeSettings(folder: folder.url)
            fakeSettings.timing = FakeTiming(speedUp: speedUp)
            return try await FakeSlskd.running(fakeSettings, peers: []) { slskd in
                let url = proxies.map(\.url).joined(separator: ",")
                return try await ServiceStack.run(
                    brokerURL: url, settings: environment(slskd), volume: "volume"
                ) { stack in
                    try await onVolumes(of: stack) { volumes in
                        let ground = ChaosGround(
                            stack: stack, broker: broker, proxies: proxies, slskd: slskd, volumes: volumes,
                            journal: journal)
                        let report = try await run(ground, shared, faults)
                        try await atEnd(ground)
                        return report
                    }
                }
            }
        }
    }

    private func run(
        _ ground: ChaosGround, _ shared: URL, _ faults: @Sendable (FaultInjector) async throws -> Void
    ) async throws -> ChaosReport {
        let music = try ChaosMusic(workload.requests, source: ground.stack.source, shared: shared)
        for peer in peers(music.shared) { ground.slskd.setPeer(peer) }
        try await ground.stack.start()
        try await ground.stack.waitUntilReady()
        let begin = ContinuousClock.now
        let client = ChaosClient(stack: ground.stack, journal: ground.journal, deadline: begin + length + patience)
        let driver = WorkloadDriver(workload, music, client, ground, length: length, run: "chaos-\(seed)")
        let injector = FaultInjector(ground)
        let collector = EvidenceCollector(ground: ground, client: client.with(deadline: client.deadline + patience))

        let helpers = [Task { await injector.supervise() }, Task { await driver.decide() }]
        defer { for helper in helpers { helper.cancel() } }
        async let submitted: Void = driver.submitAll()
        try await faults(injector)
        await submitted
        ground.journal.record("calm", "the load and the faults have ended")
        let isCalm = await waitForEnd(driver, collector, client)
        for helper in helpers { helper.cancel() }
        for helper in helpers { await helper.value }
        let evidence = try await finalEvidence(ground, driver, collector)
        return ChaosReport(
            run: self, evidence: evidence, faults: await injector.made, failures: await injector.failures,
            restarts: ground.journal.count("restart"), duration: ContinuousClock.now - begin, isCalm: isCalm,
            journal: ground.journal)
    }

    /// Waits until recovery's surveys have removed stale and repeated dead letters, and collects what is left.
    private func finalEvidence(
        _ ground: ChaosGround, _ driver: WorkloadDriver, _ collector: EvidenceCollector
    ) async throws -> Evidence {
        // What is not removed within two surveys is a difference, which the accountant names.
        try? await eventually("each dead letter is listed once", timeout: .seconds(30)) {
            await collector.unlistedDeadLetters() == 0
        }
        var evidence = try await collector.collect()
        (evidence.accepted, evidence.refused) = await driver.result
        evidence.lost = await driver.lost
        evidence.deletions = ground.journal.texts("deleted")
        evidence.looped = await driver.looped
        evidence.crashing = Set(
            ServiceName.allCases.map(\.rawValue).filter { service in
                ground.journal.texts("fault").contains { $0.hasPrefix("crashService(\(service))") }
            })
        return evidence
    }

    /// Waits until no job is active and no queue holds a message of a job, for some looks in succession, because a
    /// restarted job is shown late and a repeated message may be on its way.
    /// - Returns: `false` after the patience.
    private func waitForEnd(
        _ driver: WorkloadDriver, _ collector: EvidenceCollector, _ client: ChaosClient
    ) async -> Bool {
        let deadline = ContinuousClock.now + patience
        var quietLooks = 0
        while ContinuousClock.now < deadline {
            let (active, waiting) = (await collector.activeJobs(), await collector.waitingMessages())
            let isQuiet = active == 0 && waiting == 0
            quietLooks = isQuiet ? quietLooks + 1 : 0
            if quietLooks == 6 { return true }
            try? await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    /// Runs a body with the volumes of a stack mounted, or without where that is not permitted.
    private func onVolumes(
        of stack: ServiceStack, _ body: (ChaosVolumes?) async throws -> ChaosReport
    ) async throws -> ChaosReport {
        let paths: [Volume: String] = [.music: stack.folder.path("volume"), .state: stack.folder.path("state")]
        let megabytes = 96 + workload.requests.count
        guard let volumes = try? await ChaosVolumes.mount(paths, megabytes: megabytes) else {
            return try await body(nil)
        }
        do {
            try FileManager.default.createDirectory(at: stack.downloads, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(at: stack.music, withIntermediateDirectories: true)
            let report = try await body(volumes)
            await stack.killAll()
            await volumes.unmount()
            return report
        } catch {
            await stack.killAll()
            await volumes.unmount()
            throw error
        }
    }
}
