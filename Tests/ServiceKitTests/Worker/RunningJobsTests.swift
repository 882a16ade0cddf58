import Contracts
import Synchronization
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
        let jobs = RunningJobs(timeout: .milliseconds(400))
        let watch = Task { await jobs.watch() }
        async let idle = jobs.run(1) {
            try await Door().pass()
            return Self.word
        }
        async let busy = jobs.run(2) {
            for step in 0..<20 {
                _ = jobs.progressed(2, done: Int64(step))
                try await Task.sleep(for: .milliseconds(50))
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
        #expect(await name(busy) == "cancelled")
        watch.cancel()
        await watch.value
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
        let started = Mutex(0)
        async let obedient = jobs.run(1) {
            started.withLock { $0 += 1 }
            try await Door().pass()
            return Self.word
        }
        async let stubborn = jobs.run(2) {
            started.withLock { $0 += 1 }
            do { try await Door().pass() } catch {}
            return Self.word
        }
        try await eventually("both run") { started.withLock { $0 } == 2 }
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

struct SlotsTests {
    @Test func `A free place goes to the highest class that waits, and to the first of it`() async throws {
        let slots = Slots(1)
        await slots.acquire(.low)
        let order = Mutex<[String]>([])
        let waiting = Mutex(0)
        await withTaskGroup { group in
            for (number, priority) in [PriorityClass.low, .middle, .high, .low, .high, .middle].enumerated() {
                group.addTask {
                    // In turn, so that the order of arrival is known.
                    while waiting.withLock({ $0 }) != number { await Task.yield() }
                    async let place: Void = slots.acquire(priority)
                    try? await Task.sleep(for: .milliseconds(20))
                    waiting.withLock { $0 += 1 }
                    await place
                    order.withLock { $0.append("\(priority)") }
                    slots.release()
                }
            }
            while waiting.withLock({ $0 }) != 6 { await Task.yield() }
            slots.release()
        }
        #expect(order.withLock { $0 } == ["high", "high", "middle", "middle", "low", "low"])
    }

    @Test func `Places that were given back can be taken again, and never more than there are`() async {
        let slots = Slots(3)
        let state = Mutex((now: 0, most: 0))
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await slots.acquire(.middle)
                    state.withLock {
                        $0.now += 1
                        $0.most = max($0.most, $0.now)
                    }
                    await Task.yield()
                    state.withLock { $0.now -= 1 }
                    slots.release()
                }
            }
        }
        #expect(state.withLock { $0.most } <= 3)
        #expect(state.withLock { $0.now } == 0)
    }
}
