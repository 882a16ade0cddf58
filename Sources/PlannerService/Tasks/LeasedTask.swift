import Contracts
import Logging
import ServiceKit

/// Work that is stored in the database and done in steps. Each step reads from a catalogue, then commits what follows
/// from it and the next cursor in one transaction.
protocol LeasedTask: Sendable {
    associatedtype Row: TaskRow

    var context: TaskContext { get }

    /// Reads what the next step needs, and commits the step.
    /// - Returns: the row after the commit; `nil` when nothing was committed or the task reported a problem.
    /// - Throws: `CancellationError`, and errors of the database.
    func commitStep(of row: Row) async throws -> Row?
    /// The state of a task whose submission the gateway refused, or whose steps failed too often.
    func refused(_ row: Row, because problem: TaskProblem) -> Row.Progress
    /// Reports a committed step.
    func didEnd(_ before: Row, _ after: Row)
}

extension LeasedTask {
    /// Runs one step of any row that is due.
    /// - Returns: whether there was a row.
    func advance() async throws -> Bool {
        switch try await context.store.lease(Row.self, to: context.worker) {
        case .nothingDue: return false
        case .unreadable(let number, let reason):
            context.logger.log(
                event: .workerFailed, level: .error,
                "a row of \(Row.table.rawValue) cannot be read and is taken out of the work",
                metadata: ["number": .stringConvertible(number), LogKey.error: .string(reason)])
            return true
        case .row(let row):
            try await run(row)
            return true
        }
    }

    private func run(_ row: Row) async throws {
        do {
            try await whileRenewing(row) { try await step(row) }
        } catch {
            if error is CancellationError || Task.isCancelled {
                await release(row)
            } else {
                await recordFailure(of: row, error)
            }
            throw error
        }
    }

    private func recordFailure(of row: Row, _ error: any Error) async {
        let problem = TaskProblem(code: PlannerStore.internalErrorCode, message: "\(error)")
        await context.attempt("the failure of a step could not be stored") {
            let ended: (before: Row, after: Row)? = try await context.store.recordFailure(
                of: row.number, by: context.worker, because: error
            ) { current in refused(current, because: problem) }
            if let ended { didEnd(ended.before, ended.after) }
        }
    }

    /// Runs one step: publishes a pending submission again, or commits the next step and publishes its submissions.
    func step(_ row: Row) async throws {
        if row.pending != nil {
            try await submit(row)
        } else if let next = try await commitStep(of: row) {
            guard next.pending != nil else { return didEnd(row, next) }
            try context.checkpoint(.committed)
            try await submit(next)
        }
    }

    private func submit(_ row: Row) async throws {
        var row = row
        while row.pending != nil, let body = try await context.store.submission(of: row) {
            let result = try await context.submissions.submit(
                body, key: row.submissionKey, traceparent: row.traceparent)
            try context.checkpoint(.responded)
            switch result {
            case .accepted(let response):
                guard let next = try await context.store.apply(response, to: row) else { return }
                try context.checkpoint(.applied)
                if next.pending == nil { didEnd(row, next) }
                row = next
            case .refused(let problem):
                guard let next = try await context.store.save(row, refused(row, because: problem)) else { return }
                return didEnd(row, next)
            }
        }
    }

    private func whileRenewing(_ row: Row, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await body() }
            group.addTask { await renewLease(of: row) }
            defer { group.cancelAll() }
            // The first to end is the step; the renewal never ends by itself.
            try await group.next()
        }
    }

    private func renewLease(of row: Row) async {
        while (try? await Task.sleep(for: PlannerStore.leaseTime / 3)) != nil {
            await context.attempt("a lease could not be renewed") {
                try await context.store.renewLease(of: row.number, in: Row.table, by: context.worker)
            }
        }
    }

    /// Ends the lease in a task of its own: a cancelled process must not make the next one wait for the lease's end.
    private func release(_ row: Row) async {
        await Task {
            await context.attempt("a lease could not be ended") {
                try await context.store.release(row.number, in: Row.table, by: context.worker)
            }
        }.value
    }
}
