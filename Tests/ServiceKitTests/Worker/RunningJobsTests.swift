import Contracts
import TestSupport
import Testing

@testable import ServiceKit

struct RunningJobsTests {
    private struct Failure: Error {}

    private static let word = Outcome.cancelled("its word")

    private func name(_ result: Result<Outcome, RunFailure>) -> String {
        switch result {
        case .success(let outcome): outcome.name
        case .failure(.stopped(let stop)): "\(stop)"
        case .failure(.failed(let error)): "\(type(of: error))"
        }
    }

    @Test func `A run ends with its outcome or its error`() async {
        let jobs = RunningJobs(timeout: .seconds(60))
        #expect(await name(jobs.run(1) { Self.word }) == "cancelled")
        #expect(await name(jobs.run(2) { throw Failure() }) == "Failure")
        #expect(await name(jobs.run(3) { throw CancellationError() }) == "CancellationError")
    }

    @Test func `Only a run without progress is stopped`() async throws {
        let jobs = RunningJobs(timeout: .seconds(2))
        let watch = Task { await jobs.watch() }
        let othersEnded = Door()
        async let idle = jobs.run(1) {
            try await Door().pass()
            return Self.word
        }
        async let busy = jobs.run(2) {
            var step: Int64 = 0
            try await eventually("the others are stopped", timeout: .seconds(30)) {
                step += 1
                _ = jobs.progressed(2, done: step)
                return othersEnded.isOpen
            }
            return Self.word
        }
        async let stalled = jobs.run(3) {
            while true {
                _ = jobs.progressed(3, done: 7)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(await name(idle) == "timedOut")
        #expect(await name(stalled) == "timedOut")
        othersEnded.open()
        #expect(await name(busy) == "cancelled")
        watch.cancel()
        await watch.value
    }

    @Test func `A run that is renewed goes on, but not for ever`() async throws {
        let jobs = RunningJobs(timeout: .seconds(1))
        let watch = Task { await jobs.watch() }
        let began = ContinuousClock.now
        async let long = jobs.run(1) {
            while began.duration(to: .now) < .seconds(3) {
                jobs.renewed(1)
                try await Task.sleep(for: .milliseconds(20))
            }
            return Self.word
        }
        #expect(await name(long) == "cancelled")
        watch.cancel()
        await watch.value
        let endless = RunningJobs(timeout: .seconds(1), longestRenewed: .seconds(2))
        let second = Task { await endless.watch() }
        async let hanging = endless.run(1) {
            while true {
                endless.renewed(1)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(await name(hanging) == "timedOut")
        second.cancel()
        await second.value
    }

    @Test func `Progress is told at most once a second, and only when there is some`() async {
        let jobs = RunningJobs(timeout: .seconds(60))
        #expect(!jobs.progressed(1, done: 1))
        _ = await jobs.run(1) {
            #expect(jobs.progressed(1, done: 0))
            #expect(!jobs.progressed(1, done: 0))
            #expect(!jobs.progressed(1, done: 1))
            #expect(!jobs.progressed(1, done: -5))
            return Self.word
        }
    }

    @Test func `A shutdown stops every run, and a word given all the same is kept`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let started = Shared(0)
        async let obedient = jobs.run(1) {
            started.change { $0 += 1 }
            try await Door().pass()
            return Self.word
        }
        async let stubborn = jobs.run(2) {
            started.change { $0 += 1 }
            do { try await Door().pass() } catch {}
            return Self.word
        }
        try await eventually("both run") { started.value == 2 }
        jobs.stopAll()
        #expect(await name(obedient) == "shutdown")
        #expect(await name(stubborn) == "cancelled")
    }

    @Test func `Cancelling the caller stops its run and no other`() async throws {
        let jobs = RunningJobs(timeout: .seconds(60))
        let door = Door()
        let first = Task {
            await jobs.run(1) {
                try await Door().pass()
                return Self.word
            }
        }
        async let second = jobs.run(2) {
            try await door.pass()
            return Self.word
        }
        first.cancel()
        #expect(await name(first.value) == "shutdown")
        door.open()
        #expect(await name(second) == "cancelled")
    }
}

struct PrioritySemaphoreTests {
    @Test func `A free place goes to the highest class that waits, and to the first of it`() async throws {
        let slots = PrioritySemaphore(1)
        await slots.acquire(.low)
        let order = Shared<[String]>([])
        let waiting = Shared(0)
        await withTaskGroup { group in
            for (number, priority) in [PriorityClass.low, .middle, .high, .low, .high, .middle].enumerated() {
                group.addTask {
                    // In turn, so that the order of arrival is known.
                    while waiting.value != number { await Task.yield() }
                    async let place: Void = slots.acquire(priority)
                    try? await Task.sleep(for: .milliseconds(20))
                    waiting.change { $0 += 1 }
                    await place
                    order.change { $0.append("\(priority)") }
                    slots.release()
                }
            }
            while waiting.value != 6 { await Task.yield() }
            slots.release()
        }
        #expect(order.value == ["high", "high", "middle", "middle", "low", "low"])
    }

    @Test func `Places that were given back can be taken again, and never more than there are`() async {
        let slots = PrioritySemaphore(3)
        let state = Shared((now: 0, most: 0))
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await slots.acquire(.middle)
                    state.change {
                        $0.now += 1
                        $0.most = max($0.most, $0.now)
                    }
                    await Task.yield()
                    state.change { $0.now -= 1 }
                    slots.release()
                }
            }
        }
        #expect(state.value.most <= 3)
        #expect(state.value.now == 0)
    }
}
