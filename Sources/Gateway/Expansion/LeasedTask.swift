import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle

/// Work that is kept in the database and done in steps: each reads something outside, and keeps what came of it, with the
/// place where the next one begins, in one transaction.
protocol LeasedTask: Sendable {
    associatedtype Piece: Sendable

    static var table: LeasedTable { get }
    var store: JobStore { get }
    /// The process, as leases name it.
    var worker: String { get }
    var logger: Logger { get }

    /// A piece that is due, leased.
    func take() async throws -> Piece?
    func number(of piece: Piece) -> Int64
    /// Takes the next step.
    /// - Throws: `CancellationError`, and what the database says.
    func step(_ piece: Piece) async throws
}

extension LeasedTask {
    /// Does one step of whatever is due.
    /// - Returns: whether there was something to do.
    func advance() async throws -> Bool {
        guard let piece = try await take() else { return false }
        do {
            try await whileRenewing(piece) { try await step(piece) }
        } catch {
            await giveBack(piece)
            throw error
        }
        return true
    }

    private func whileRenewing(_ piece: Piece, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await body() }
            group.addTask { await renewNowAndThen(piece) }
            defer { group.cancelAll() }
            // The first to end is the work itself: the renewing ends with it.
            try await group.next()
        }
    }

    private func renewNowAndThen(_ piece: Piece) async {
        while (try? await Task.sleep(for: JobStore.leaseTime / 3)) != nil {
            await attempt("a lease could not be renewed") {
                try await store.renewLease(of: number(of: piece), in: Self.table, by: worker)
            }
        }
    }

    /// Also when this task was cancelled: otherwise the next process would have to wait for the lease's end.
    private func giveBack(_ piece: Piece) async {
        await Task {
            await attempt("a lease could not be given back") {
                try await store.giveBack(number(of: piece), in: Self.table, by: worker)
            }
        }.value
    }

    fileprivate func attempt(_ failure: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, failure, metadata: [LogKey.error: .string("\(error)")])
        }
    }
}

/// Does stepped work whenever some is due, several pieces side by side.
struct WorkLoop<Work: LeasedTask>: Service {
    let work: Work
    /// Raised when there may be something to do.
    let wake: WakeSignal
    /// Pieces worked on at once.
    var concurrency = 2
    /// Finds what no signal tells: what becomes due, and what another process left behind.
    var poll: Duration = .seconds(1)

    func run() async throws {
        await work.attempt("leases of a former process could not be given back") {
            try await work.store.giveBackAll(in: Work.table, by: work.worker)
        }
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    repeat { wake.raise() } while (try? await Task.sleep(for: poll)) != nil
                }
                for await _ in wake.raised {
                    if Task.isCancelled { break }
                    await drain()
                }
                group.cancelAll()
            }
        }
    }

    private func drain() async {
        await withTaskGroup { group in
            for _ in 0..<concurrency { group.addTask { await runWorker() } }
        }
    }

    private func runWorker() async {
        await work.attempt("work could not be gone on with; trying again") {
            while !Task.isCancelled, try await work.advance() {}
        }
    }
}
