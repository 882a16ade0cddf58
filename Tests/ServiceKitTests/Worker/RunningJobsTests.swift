import Contracts
import TestSupport
import Testing

@testable import ServiceKit

struct RunningJobsTests {
    private struct Failure: Error {}

    /// A time that the test moves.
    private final class ManualTime: Sendable {
        private let start = ContinuousClock.now
        private let passed = Shared(Duration.zero)

        var now: ContinuousClock.Instant { start + passed.value }

        func advance(to time: Duration) { passed.change { $0 = time } }
    }

    private static let outcome = Outcome.cancelled("by the handler")

    private func name(_ end: RunningJobs.End) -> String {
        switch end {
        case .outcome(let outcome): outcome.name
        case .stopped(let stop): "\(stop)"
        case .failed(let error): "\(type(of: error))"
        case .held: "held"
        }
    }

    private func identity(_ job: JobID = JobID(), hop: Int = 0) -> RunIdentity {
        RunIdentity(job: job, generation: 0, stage: .match, hop: hop)
    }

    /// Reserves a job, runs it, and releases it.
    private func run(
        _ jobs: RunningJobs, _ identity: RunIdentity, hold: Duration = .seconds(600),
        detached: @escaping @Sendable (RunningJobs.End) async -> Void = { _ in },
        _ body: @escaping @Sendable (Int) async throws -> Outcome
    ) async -> String {
        let number = await jobs.reserve(
            identity, isCancellable: true, holdEnds: jobs.now() + hold, within: .milliseconds(10))
        guard let number else { return "busy" }
        let end = await jobs.run(identity.job, number, detached: detached) { try await body(number) }
        if case .held = end { return "held" }
        jobs.release(identity.job, number)
        return name(end)
    }

    @Test func `A run ends with its outcome or its error`() async {
        let jobs = RunningJobs(timeout: .seconds(60))
        #expect(await run(jobs, identity()) { _ in Self.outcome } == "cancelled")
        #expect(await run(jobs, identity()) { _ in throw Failure() } == "Failure")
        #expect(await run(jobs, identity()) { _ in throw CancellationError() } == "CancellationError")
        #expect(jobs.count == 0)
    }

    @Test func `A job never runs beside itself, and runs again when its run has ended`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let (job, end, hasStarted) = (JobID(), Door(), Door())
        async let first = run(jobs, identity(job)) { _ in
            hasStarted.open()
            try await end.pass()
            return Self.outcome
        }
        try await hasStarted.pass()
        #expect(await run(jobs, identity(job, hop: 1)) { _ in Self.outcome } == "busy")
        async let waiting = jobs.reserve(
            identity(job, hop: 2), isCancellable: true, holdEnds: .now + .seconds(60), within: .seconds(60))
        end.open()
        #expect(await first == "cancelled")
        let number = try #require(await waiting)
        jobs.release(job, number)
        #expect(jobs.count == 0)
    }

    @Test func `Only a run without progress is stopped`() async throws {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(2)) { time.now }
        let numbers = Shared<[Int: Int]>([:])
        let end = Door()
        let ids = (0..<3).map { _ in JobID() }
        func start(_ index: Int) async -> String {
            await run(jobs, identity(ids[index])) { number in
                numbers.change { $0[index] = number }
                try await end.pass()
                return Self.outcome
            }
        }
        async let idle = start(0)
        async let busy = start(1)
        async let stalled = start(2)
        try await eventually("all run") { numbers.value.count == 3 }
        func progress(_ index: Int, _ done: Int64) {
            _ = jobs.recordProgress(ids[index], numbers.value[index] ?? 0, done: done)
        }
        progress(1, 1)
        progress(2, 7)
        time.advance(to: .milliseconds(1900))
        progress(1, 2)
        progress(2, 7)
        jobs.checkLimits()
        time.advance(to: .seconds(2))
        jobs.checkLimits()
        #expect(await idle == "timedOut")
        #expect(await stalled == "timedOut")
        end.open()
        #expect(await busy == "cancelled")
    }

    @Test func `Renewals extend a run for a limited time`() async throws {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(10), longestRenewed: .seconds(20)) { time.now }
        let job = JobID()
        let number = Shared(0)
        async let hanging = run(jobs, identity(job)) { mine in
            number.change { $0 = mine }
            try await Door().pass()
            return Self.outcome
        }
        try await eventually("it runs") { number.value > 0 }
        // The deadline is 10, then 15; a renewal that adds little is ignored; then 22, then 30: 20 seconds are used up.
        for seconds in [5, 6, 12, 20, 28] {
            time.advance(to: .seconds(seconds))
            jobs.renew(job, number.value)
        }
        time.advance(to: .milliseconds(29_999))
        jobs.checkLimits()
        #expect(jobs.generations.count == 1)
        time.advance(to: .seconds(30))
        jobs.checkLimits()
        #expect(await hanging == "timedOut")
    }

    @Test func `The watch cancels a run past its deadline`() async {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .milliseconds(40)) { time.now }
        let watch = Task { await jobs.watch() }
        async let idle = run(jobs, identity()) { _ in
            // In small steps: after a large one, the process counts as stopped meanwhile.
            for step in 1...100_000 {
                time.advance(to: .milliseconds(20 * step))
                try await Task.sleep(for: .milliseconds(20))
            }
            return Self.outcome
        }
        #expect(await idle == "timedOut")
        watch.cancel()
        await watch.value
    }

    @Test func `A run at the hold limit continues without its delivery, and its job stays reserved`() async throws {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(600)) { time.now }
        let (job, end, ended) = (JobID(), Door(), Shared<[String]>([]))
        async let held = run(jobs, identity(job), hold: .seconds(20)) { [name] end in
            ended.change { $0.append(name(end)) }
        } _: { _ in
            time.advance(to: .seconds(20))
            try await end.pass()
            return Self.outcome
        }
        try await eventually("the limit is near") { jobs.count == 1 && time.now > ContinuousClock.now + .seconds(10) }
        jobs.checkLimits()
        #expect(await held == "held")
        #expect(await run(jobs, identity(job, hop: 1)) { _ in Self.outcome } == "busy")
        #expect(ended.value.isEmpty)
        end.open()
        try await eventually("it ends") { ended.value == ["cancelled"] }
        #expect(jobs.count == 1)
    }

    @Test func `Progress is published at most once a second, and only if it has grown`() async {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(60)) { time.now }
        let job = JobID()
        #expect(!jobs.recordProgress(job, 1, done: 1))
        _ = await run(jobs, identity(job)) { number in
            #expect(jobs.recordProgress(job, number, done: 0))
            time.advance(to: .milliseconds(999))
            #expect(!jobs.recordProgress(job, number, done: 1))
            time.advance(to: .seconds(1))
            #expect(!jobs.recordProgress(job, number, done: 1))
            #expect(!jobs.recordProgress(job, number, done: -5))
            #expect(jobs.recordProgress(job, number, done: 2))
            #expect(!jobs.recordProgress(job, number + 1, done: 9))
            jobs.resetProgress(job, number)
            time.advance(to: .seconds(2))
            #expect(jobs.recordProgress(job, number, done: 1))
            return Self.outcome
        }
    }

    @Test func `A lost delivery stops its own run and no other`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let number = Shared(0)
        async let lost = run(jobs, identity()) { mine in
            number.change { $0 = mine }
            try await Door().pass()
            return Self.outcome
        }
        let door = Door()
        async let other = run(jobs, identity()) { _ in
            try await door.pass()
            return Self.outcome
        }
        try await eventually("both run") { jobs.count == 2 && number.value > 0 }
        jobs.loseLease(number.value)
        #expect(await lost == "leaseLost")
        door.open()
        #expect(await other == "cancelled")
    }

    @Test func `A cancelled job stops, and one that can no longer be cancelled does not`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let identity = identity()
        async let cancelled = run(jobs, identity) { _ in
            try await Door().pass()
            return Self.outcome
        }
        try await eventually("it runs") { jobs.generations == [identity.jobGeneration] }
        jobs.cancel(identity.jobGeneration)
        #expect(await cancelled == "cancelled")
    }

    @Test func `A shutdown stops every run, and an outcome that a handler still returns counts`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let started = Shared(0)
        async let stopped = run(jobs, identity()) { _ in
            started.change { $0 += 1 }
            try await Door().pass()
            return Self.outcome
        }
        async let finished = run(jobs, identity()) { _ in
            started.change { $0 += 1 }
            do { try await Door().pass() } catch {}
            return Self.outcome
        }
        try await eventually("both run") { started.value == 2 }
        jobs.stopAll()
        #expect(await stopped == "shutdown")
        #expect(await finished == "cancelled")
    }
}
