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
                let workers = (0..<concurrency).map { _ in WakeSignal() }
                for signal in workers { group.addTask { await runWorker(signal) } }
                group.addTask {
                    repeat { wake.raise() } while (try? await Task.sleep(for: poll)) != nil
                }
                for await _ in wake.raised {
                    for signal in workers { signal.raise() }
                }
                group.cancelAll()
            }
        }
    }

    /// Runs due steps after each signal. Workers do not wait for each other: a step may take as long as its catalogue
    /// or the gateway needs.
    private func runWorker(_ signal: WakeSignal) async {
        for await _ in signal.raised {
            if Task.isCancelled { return }
            guard await isAllowed() else { continue }
            await work.context.attempt("a step failed and is tried again") {
                while !Task.isCancelled, try await work.advance() {}
            }
        }
    }
}
