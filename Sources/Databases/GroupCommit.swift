public import GRDB
import Synchronization

/// Commits writes that wait at the same time in one transaction, and so with one wait for the disk.
///
/// Each write has a savepoint: a write that throws is undone and does not affect the others. A write that was
/// enqueued is finished even when its caller is cancelled.
public final class GroupCommit<Value: Sendable>: Sendable {
    public typealias Write = @Sendable (Database) throws -> Value

    private struct Waiting: Sendable {
        let write: Write
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
    }

    /// Limits how long one transaction locks other processes out.
    private static var maximumGroupSize: Int { 64 }

    private let writer: any DatabaseWriter
    private let state = Mutex(State())

    /// Creates an empty queue of writes to a database.
    public init(_ writer: any DatabaseWriter) { self.writer = writer }

    /// Runs a write and returns when it is committed to the disk.
    /// - Throws: What `write` throws; `DatabaseError` when the whole transaction failed.
    public func commit(_ write: @escaping Write) async throws -> Value {
        try await withCheckedThrowingContinuation { enqueue(Waiting(write: write, continuation: $0)) }
    }

    private func enqueue(_ waiting: Waiting) {
        let mustStart = state.withLock { state in
            state.waiting.append(waiting)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if mustStart { Task { await run() } }
    }

    private func run() async {
        while let group = nextGroup() { await commit(group) }
    }

    private func nextGroup() -> [Waiting]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.maximumGroupSize))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Waiting]) async {
        do {
            let results = try await writer.write(.onDisk) { db in
                try group.map { try Self.attempt($0.write, db) }
            }
            for (waiting, result) in zip(group, results) { waiting.continuation.resume(with: result) }
        } catch {
            for waiting in group { waiting.continuation.resume(throwing: error) }
        }
    }

    private static func attempt(_ write: Write, _ db: Database) throws -> Result<Value, any Error> {
        var value: Value?
        do {
            try db.inSavepoint {
                value = try write(db)
                return .commit
            }
        } catch {
            // SQLite rolls the whole transaction back on errors such as a full disk. Then all writes of it fail.
            guard db.isInsideTransaction else { throw error }
            return .failure(error)
        }
        return value.map(Result.success) ?? .failure(DatabaseError(resultCode: .SQLITE_ABORT))
    }
}
