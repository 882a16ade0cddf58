import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Compares the gateway's active jobs with the messages in the broker, every minute.
struct SweepService: Service {
    let sweep: Sweep
    let census: Census
    let runtime: ServiceRuntime
    let interval: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await isReady in self.runtime.readiness.changes where isReady { break }
            await self.attempt("the pauses of an earlier census were not removed; they end by themselves") {
                try await self.census.removePauses()
            }
            while (try? await Task.sleep(for: self.interval)) != nil {
                await self.attempt("active jobs were not compared with the broker; trying again") {
                    try await self.sweep.step()
                }
            }
        }
    }

    private func attempt(_ failure: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            guard !Task.isCancelled else { return }
            runtime.logger.log(
                event: .workerFailed, level: .warning, failure, metadata: [LogKey.error: .string("\(error)")])
        }
    }
}
