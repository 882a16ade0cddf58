import Foundation
import GRDB
import Synchronization

/// The connections of a pool that read.
enum ReaderConnections {
    /// The outcome of the reads that open the connections.
    private final class Opening: Sendable {
        let begun = DispatchSemaphore(value: 0)
        let allBegun = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
    }

    /// Opens all connections now. Blocks.
    ///
    /// GRDB opens them when they are needed first, and holds a lock meanwhile. When the volume hangs in that moment, tasks
    /// that end a read wait for the lock on the threads of Swift's tasks. There are as few of them as processors, and the
    /// whole process stops.
    /// - Throws: `DatabaseError`.
    static func open(of pool: DatabasePool) throws {
        let count = pool.configuration.maximumReaderCount
        let opening = Opening()
        // Reads at the same time need different connections. A pool allows one read on each thread.
        for _ in 0..<count { Thread.detachNewThread { read(pool, opening) } }
        for _ in 0..<count { opening.begun.wait() }
        for _ in 0..<count { opening.allBegun.signal() }
        for _ in 0..<count { opening.ended.wait() }
        if let failure = opening.failure.withLock(\.self) { throw failure }
    }

    private static func read(_ pool: DatabasePool, _ opening: Opening) {
        do {
            try pool.read { _ in
                opening.begun.signal()
                opening.allBegun.wait()
            }
        } catch {
            opening.failure.withLock { $0 = error }
            opening.begun.signal()
        }
        opening.ended.signal()
    }
}
