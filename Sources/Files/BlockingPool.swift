import CFileMove
import NIOPosix
import Synchronization

/// A fixed number of threads for calls that block: file operations, SQLite, TagLib.
///
/// Each purpose has a pool of its own. A purpose that fills its pool then delays only itself, and never the health
/// checks or the outbox. The threads end after the last reference to the pool is gone.
public final class BlockingPool: Sendable {
    /// The purpose. The threads carry it, cut to 15 bytes, as their name in `top -H` and in core dumps.
    public let name: String
    public let threads: Int
    /// Calls with a limit that wait for a thread, those that nobody waits for any more included.
    private let queued = Atomic(0)
    private let pool: NIOThreadPool

    /// The most calls with a limit that may wait for a thread.
    private let longestQueue: Int

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - threads: how many calls run at once, at least 1. Further calls wait in the order of their arrival.
    ///   - longestQueue: the most calls with a limit that may wait; by default more than the jobs of a process.
    public init(name: String, threads: Int, longestQueue: Int = 10_000) {
        self.name = name
        self.threads = max(1, threads)
        self.longestQueue = longestQueue
        pool = NIOThreadPool(numberOfThreads: self.threads)
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    /// Runs `body` on a thread of the pool and returns its result.
    ///
    /// A body that has begun runs to its end, also when the task is cancelled: it may be half-way through a change. Use
    /// ``runCancellable(_:)`` for long work.
    ///
    /// - Throws: what `body` throws; `CancellationError` at once when the task is cancelled before `body` began, also while
    ///   all threads are busy.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let call = WaitingCall<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard call.wait(continuation) else { return }
                pool.submit { [name] state in
                    guard let continuation = call.begin() else { return }
                    guard case .active = state else { return continuation.resume(throwing: CancellationError()) }
                    // Cheap for a thread on itself, and the pool of SwiftNIO cannot do it at the start.
                    hdm_name_thread(name)
                    continuation.resume(with: Result { try body() })
                }
            }
        } onCancel: {
            call.cancel()
        }
    }

    /// Runs `body` like ``run(_:)``, and waits for its result for a limited time only.
    ///
    /// For calls that may hang, such as on a volume whose server is gone. A body that hangs keeps its thread; its result is
    /// then dropped. A body that has not begun in time never runs.
    ///
    /// - Throws: what `body` throws; ``PoolTimeout`` when there was no result in time, at once when the pool has too many
    ///   waiting calls; `CancellationError` at once when the task is cancelled, also while the body runs.
    public func run<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard queued.load(ordering: .relaxed) < longestQueue else { throw PoolTimeout(pool: name, limit: .zero) }
        let call = BoundedCall<Value>()
        let timer = Task { [name] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            call.end(.failure(PoolTimeout(pool: name, limit: limit)))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard call.wait(continuation) else { return }
                submit(call, body)
            }
        } onCancel: {
            call.end(.failure(CancellationError()))
        }
    }

    private func submit<Value: Sendable>(
        _ call: BoundedCall<Value>, _ body: @escaping @Sendable () throws -> Value
    ) {
        queued.add(1, ordering: .relaxed)
        pool.submit { [self] state in
            queued.subtract(1, ordering: .relaxed)
            guard call.begin() else { return }
            guard case .active = state else { return call.end(.failure(CancellationError())) }
            hdm_name_thread(name)
            call.end(Result { try body() })
        }
    }

    /// Runs `body` like ``run(_:)`` and sets its flag when the task is cancelled.
    ///
    /// - Parameter body: long work that reads the flag between its steps.
    public func runCancellable<Value: Sendable>(
        _ body: @escaping @Sendable (CancellationFlag) throws -> Value
    ) async throws -> Value {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await run { try body(flag) }
        } onCancel: {
            flag.set()
        }
    }
}

/// A call on a pool had no result in time: its thread hangs, or all threads do.
public struct PoolTimeout: Error, Sendable, Equatable, CustomStringConvertible {
    public let pool: String
    /// Zero when the pool has too many waiting calls.
    public let limit: Duration

    public init(pool: String, limit: Duration) {
        self.pool = pool
        self.limit = limit
    }

    public var description: String {
        let reason = limit == .zero ? "too many calls wait" : "no result in \(limit)"
        return "the thread pool \(pool) is stuck: \(reason); a volume or a disk hangs"
    }
}

extension BlockingPool {
    /// Opening, migrating and closing of databases, and queries of owners without a pool of their own.
    public static let databases = BlockingPool(name: "databases", threads: 4)

    /// Marker files on the downloads volume, which may be a share that hangs.
    public static let markers = BlockingPool(name: "markers", threads: 4)

    /// Removal of folders with many or large files.
    public static let removals = BlockingPool(name: "removals", threads: 2)

    /// Short operations on small files of the state folder: keys and settings.
    public static let smallFiles = BlockingPool(name: "small-files", threads: 4)
}
