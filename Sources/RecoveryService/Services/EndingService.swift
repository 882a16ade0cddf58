import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Publishes endings that only this service knows, and returns jobs that no queue took.
struct EndingService: Service {
    let reporter: EndingReporter
    let returner: UnroutedReturner
    let operations: DeadLetterOperations
    let wake: WakeSignal

    /// How often missing queues are looked for.
    private static let interval: Duration = .seconds(2)
    /// The pause after an error. A broker or a database that fails is not asked more often.
    private static let pause: Duration = .seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while (try? await Task.sleep(for: Self.interval)) != nil { self.wake.raise() }
                }
                group.addTask { for await _ in self.wake.raised { await self.step() } }
                await group.waitForAll()
            }
        }
    }

    private func step() async {
        guard operations.isBrokerUsable else { return }
        do {
            try await reporter.reportAll()
            try await operations.exclusively { try await returner.returnAll() }
            try await operations.removeStale(in: [QueueName.invalid])
        } catch {
            guard !Task.isCancelled else { return }
            operations.logger.log(
                event: .workerFailed, level: .warning, "endings of jobs are not published yet; trying again",
                metadata: [LogKey.error: .string("\(error)")])
            try? await Task.sleep(for: Self.pause)
        }
    }
}
