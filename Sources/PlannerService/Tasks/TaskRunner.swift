import ServiceKit
import ServiceLifecycle

/// Runs the steps of a task whenever some are due, several rows at once.
struct TaskRunner<Work: LeasedTask>: Service {
    let work: Work
    /// Raised when there may be a step to run.
    let wake: WakeSignal
    /// Runs nothing until this returns.
    let isAllowed: @Sendable () async -> Bool
    /// How many rows are worked on at once.
    var concurrency = 2
    /// Finds rows without a signal: those that become due, and those that another process left.
    var poll: Duration = .seconds(1)

    func run() async throws {
        await work.context.attempt("leases of a former process could not be ended") {
            try await work.context.store.releaseAll(in: Work.Row.table, by: work.context.worker)
        }
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    repeat { wake.raise() } while (try? await Task.sleep(for: poll)) != nil
                }
                for await _ in wake.raised {
                    if Task.isCancelled { break }
                    if await isAllowed() { await runDueSteps() }
                }
                group.cancelAll()
            }
        }
    }

    private func runDueSteps() async {
        await withTaskGroup { group in
            for _ in 0..<concurrency { group.addTask { await runWorker() } }
        }
    }

    private func runWorker() async {
        await work.context.attempt("a step failed and is tried again") {
            while !Task.isCancelled, try await work.advance() {}
        }
    }
}
