import Dispatch
import Files
import Synchronization
import Testing

@Suite("A blocking pool")
struct BlockingPoolTests {
    private struct Failure: Error {}

    @Test
    func `returns the result of the body, and throws its error`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        #expect(try await pool.run { 42 } == 42)
        await #expect(throws: Failure.self) { try await pool.run { throw Failure() } }
    }

    @Test(arguments: [(-1, 1), (0, 1), (3, 3)])
    func `has at least one thread`(_ wanted: Int, _ actual: Int) async throws {
        let pool = BlockingPool(name: "test", threads: wanted)
        #expect(pool.threads == actual)
        #expect(try await pool.run { true })
    }

    @Test
    func `runs as many bodies at once as it has threads, and no more`() async throws {
        let pool = BlockingPool(name: "test", threads: 2)
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await pool.run {
                        load.begin()
                        for _ in 0..<1000 { _ = ContentHash().hexadecimal }
                        load.end()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(load.most <= 2)
        #expect(load.now == 0)
    }

    @Test
    func `is not delayed by another pool whose threads are all occupied`() async throws {
        let (occupied, free) = (BlockingPool(name: "a", threads: 1), BlockingPool(name: "b", threads: 1))
        let end = CancellationFlag()
        async let work: Void = occupied.run { while !end.isSet {} }
        #expect(try await free.run { true })
        end.set()
        try await work
    }

    @Test
    func `ends a call that waits for a thread when its task is cancelled`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let end = CancellationFlag()
        let (started, start) = AsyncStream<Void>.makeStream()
        async let work: Void = pool.run {
            start.yield()
            while !end.isSet {}
        }
        for await _ in started { break }
        let began = CancellationFlag()
        let waiting = Task { try await pool.run { began.set() } }
        waiting.cancel()
        // The only thread is still occupied.
        await #expect(throws: CancellationError.self) { try await waiting.value }
        end.set()
        try await work
        #expect(try await pool.run { true })
        #expect(!began.isSet)
    }

    @Test
    func `sets the flag of a body whose task is cancelled, and waits for its end`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let (started, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await pool.runCancellable { flag in
                start.yield()
                while !flag.isSet {}
                return "stopped"
            }
        }
        for await _ in started { break }
        task.cancel()
        #expect(try await task.value == "stopped")
    }

    @Test
    func `does not begin a body whose task is cancelled already`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let hasRun = CancellationFlag()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await pool.run { hasRun.set() }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!hasRun.isSet)
    }

    @Test
    func `a call with a limit returns its result, and throws its error`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        #expect(try await pool.run(within: .seconds(60)) { 42 } == 42)
        await #expect(throws: Failure.self) { try await pool.run(within: .seconds(60)) { throw Failure() } }
    }

    @Test
    func `a call with a limit ends in time while its body hangs`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let end = CancellationFlag()
        await #expect(throws: PoolTimeout(pool: "test", limit: .milliseconds(20))) {
            try await pool.run(within: .milliseconds(20)) { while !end.isSet {} }
        }
        end.set()
        #expect(try await pool.run { true })
    }

    @Test
    func `a call with a limit that gets no thread in time never runs`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let (end, hasRun) = (CancellationFlag(), CancellationFlag())
        let (started, start) = AsyncStream<Void>.makeStream()
        async let work: Void = pool.run {
            start.yield()
            while !end.isSet {}
        }
        for await _ in started { break }
        await #expect(throws: PoolTimeout(pool: "test", limit: .milliseconds(20))) {
            try await pool.run(within: .milliseconds(20)) { hasRun.set() }
        }
        end.set()
        try await work
        #expect(try await pool.run { true })
        #expect(!hasRun.isSet)
    }

    @Test
    func `a call with a limit ends at once when its task is cancelled, also while its body runs`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let end = CancellationFlag()
        let (started, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await pool.run(within: .seconds(3600)) {
                start.yield()
                while !end.isSet {}
            }
        }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await pool.run(within: .seconds(3600)) {}
        }
        await #expect(throws: CancellationError.self) { try await early.value }
        end.set()
    }

    @Test
    func `calls with a limit fail at once when many of them wait for a pool that hangs`() async throws {
        let pool = BlockingPool(name: "test", threads: 1, longestQueue: 100)
        let end = DispatchSemaphore(value: 0)
        let (started, start) = AsyncStream<Void>.makeStream()
        async let work: Void = pool.run {
            start.yield()
            end.wait()
        }
        for await _ in started { break }
        var waiting = 0
        var isFull = false
        while !isFull, waiting < 500 {
            do {
                try await pool.run(within: .milliseconds(1)) {}
            } catch let timeout as PoolTimeout {
                isFull = timeout.limit == .zero
                waiting += isFull ? 0 : 1
            }
        }
        // A call that ended before it was queued waits for nothing.
        #expect(isFull && waiting >= 100)
        await #expect(throws: PoolTimeout(pool: "test", limit: .zero)) { try await pool.run(within: .seconds(60)) {} }
        end.signal()
        try await work
        #expect(try await pool.run { true })
        #expect(try await pool.run(within: .seconds(60)) { true })
    }

    @Test
    func `a cancellation flag stays set and throws when checked`() {
        let flag = CancellationFlag()
        #expect(throws: Never.self) { try flag.check() }
        flag.set()
        flag.set()
        #expect(flag.isSet)
        #expect(throws: CancellationError.self) { try flag.check() }
    }
}

/// Counts the bodies that run at the same time.
private final class Load: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var now: Int { state.withLock { $0.now } }
    var most: Int { state.withLock { $0.most } }

    func begin() {
        state.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func end() { state.withLock { $0.now -= 1 } }
}
