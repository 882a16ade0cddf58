import GRDB
import Synchronization

/// Lets writes that wait at the same time share one transaction, and so one wait for the disk.
///
/// Each write stands alone: one that throws leaves nothing behind and does not touch its neighbours. A write that was
/// begun is finished even when its caller is cancelled.
final class GroupCommit<Value: Sendable>: Sendable {
    typealias Write = @Sendable (Database) throws -> Value

    private struct Waiting: Sendable {
        let write: Write
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
    }

    /// Bounds how long one transaction keeps other processes out.
    private static var most: Int { 64 }

    private let writer: any DatabaseWriter
    private let state = Mutex(State())

    init(_ writer: any DatabaseWriter) { self.writer = writer }

    /// Returns when what `write` did is committed.
    /// - Throws: what `write` throws; `DatabaseError` when the transaction failed.
    func commit(_ write: @escaping Write) async throws -> Value {
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
            let group = Array(state.waiting.prefix(Self.most))
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
            // A full disk ends the whole transaction, and with it what the neighbours did.
            guard db.isInsideTransaction else { throw error }
            return .failure(error)
        }
        return value.map(Result.success) ?? .failure(DatabaseError(resultCode: .SQLITE_ABORT))
    }
}
