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

    private func name(_ result: Result<Outcome, RunFailure>) -> String {
        switch result {
        case .success(let outcome): outcome.name
        case .failure(.stopped(let stop)): "\(stop)"
        case .failure(.failed(let error)): "\(type(of: error))"
        }
    }

    @Test func `A run ends with its outcome or its error`() async {
        let jobs = RunningJobs(timeout: .seconds(60))
        #expect(await name(jobs.run(1) { Self.outcome }) == "cancelled")
        #expect(await name(jobs.run(2) { throw Failure() }) == "Failure")
        #expect(await name(jobs.run(3) { throw CancellationError() }) == "CancellationError")
    }

    @Test func `Only a run without progress is stopped`() async throws {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(2)) { time.now }
        let (started, end) = (Shared(0), Door())
        func start(_ number: Int) async -> Result<Outcome, RunFailure> {
            await jobs.run(number) {
                started.change { $0 += 1 }
                try await end.pass()
                return Self.outcome
            }
        }
        async let idle = start(1)
        async let busy = start(2)
        async let stalled = start(3)
        try await eventually("all run") { started.value == 3 }
        _ = jobs.recordProgress(2, done: 1)
        _ = jobs.recordProgress(3, done: 7)
        time.advance(to: .milliseconds(1900))
        _ = jobs.recordProgress(2, done: 2)
        _ = jobs.recordProgress(3, done: 7)
        jobs.checkDeadlines()
        time.advance(to: .seconds(2))
        jobs.checkDeadlines()
        #expect(await name(idle) == "timedOut")
        #expect(await name(stalled) == "timedOut")
        end.open()
        #expect(await name(busy) == "cancelled")
    }

    @Test func `Renewals extend a run for a limited time`() async throws {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(10), longestRenewed: .seconds(20)) { time.now }
        let hasStarted = Door()
        async let hanging = jobs.run(1) {
            hasStarted.open()
            try await Door().pass()
            return Self.outcome
        }
        try await hasStarted.pass()
        // The deadline is 10, then 15; a renewal that adds little is ignored; then 22; then the limit is reached.
        for seconds in [5, 6, 12, 20] {
            time.advance(to: .seconds(seconds))
            jobs.renew(1)
        }
        let generation = JobGeneration(job: JobID(), requeues: 0)
        async let other = jobs.run(2, of: generation) {
            try await Door().pass()
            return Self.outcome
        }
        try await eventually("the other run has started") { jobs.generations == [generation] }
        time.advance(to: .milliseconds(21_999))
        jobs.checkDeadlines()
        jobs.cancel(generation)
        #expect(await name(other) == "cancelled")
        time.advance(to: .seconds(22))
        jobs.checkDeadlines()
        #expect(await name(hanging) == "timedOut")
    }

    @Test func `The watch cancels a run past its deadline`() async {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .milliseconds(40)) { time.now }
        let watch = Task { await jobs.cancelTimedOut() }
        async let idle = jobs.run(1) {
            time.advance(to: .seconds(1))
            try await Door().pass()
            return Self.outcome
        }
        #expect(await name(idle) == "timedOut")
        watch.cancel()
        await watch.value
    }

    @Test func `Progress is published at most once a second, and only if it has grown`() async {
        let time = ManualTime()
        let jobs = RunningJobs(timeout: .seconds(60)) { time.now }
        #expect(!jobs.recordProgress(1, done: 1))
        _ = await jobs.run(1) {
            #expect(jobs.recordProgress(1, done: 0))
            time.advance(to: .milliseconds(999))
            #expect(!jobs.recordProgress(1, done: 1))
            time.advance(to: .seconds(1))
            #expect(!jobs.recordProgress(1, done: 1))
            #expect(!jobs.recordProgress(1, done: -5))
            #expect(jobs.recordProgress(1, done: 2))
            jobs.resetProgress(1)
            time.advance(to: .seconds(2))
            #expect(jobs.recordProgress(1, done: 1))
            return Self.outcome
        }
    }

    @Test func `A shutdown stops every run, and an outcome that a handler still returns counts`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let started = Shared(0)
        async let cancelled = jobs.run(1) {
            started.change { $0 += 1 }
            try await Door().pass()
            return Self.outcome
        }
        async let finished = jobs.run(2) {
            started.change { $0 += 1 }
            do { try await Door().pass() } catch {}
            return Self.outcome
        }
        try await eventually("both run") { started.value == 2 }
        jobs.stopAll()
        #expect(await name(cancelled) == "shutdown")
        #expect(await name(finished) == "cancelled")
    }

    @Test func `Cancelling the caller stops its run and no other`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let door = Door()
        let first = Task {
            await jobs.run(1) {
                try await Door().pass()
                return Self.outcome
            }
        }
        async let second = jobs.run(2) {
            try await door.pass()
            return Self.outcome
        }
        first.cancel()
        #expect(await name(first.value) == "shutdown")
        door.open()
        #expect(await name(second) == "cancelled")
    }
}
