import AMQP
import Contracts
import Logging
import ServiceLifecycle

/// Maintains a runtime's connections, topology and readiness. It starts first and stops last.
struct RuntimeService: Service {
    private let runtime: ServiceRuntime
    private let topology: DeclaredTopology

    /// Adds a check to the runtime's readiness: a publisher must find the queues of a ready service.
    init(_ runtime: ServiceRuntime) {
        self.runtime = runtime
        topology = DeclaredTopology(runtime)
        runtime.readiness.add("topology") { [topology] in topology.check }
    }

    func run() async throws {
        let poll = ReadinessPoll(runtime.readiness, watching: [runtime.publishing, runtime.consuming])
        let result = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask { await Result { try await poll.run() } }
            group.addTask { await Result { await logConnection() } }
            group.addTask { await Result { try await StatusService(runtime).run() } }
            group.addTask { await Result { await runtime.pauses.watch() } }
            group.addTask { await Result { await topology.logHealing(of: runtime.consuming) } }
            group.addTask { await Result { await topology.logHealing(of: runtime.publishing) } }
            group.addTask {
                await Result {
                    try await declareTopology()
                    await cancelWhenGracefulShutdown { await topology.maintain() }
                }
            }
            // The first task that ends stops the others: after a shutdown, or a queue with other arguments.
            let first = await group.next()
            group.cancelAll()
            return first ?? .success(())
        }
        // After an error the connections stay open. If they were closed, the other services would fail first, and their
        // error would be reported instead of this one.
        do { try result.get() } catch is CancellationError {}
        await runtime.close()
        runtime.logger.log(event: .serviceStopped, "stopped")
    }

    private func declareTopology() async throws {
        try await topology.declare()
        await runtime.readiness.refresh()
        runtime.logger.log(event: .serviceStarted, "started", metadata: ["instance": .string(runtime.instance)])
    }

    private func logConnection() async {
        for await status in runtime.consuming.statusChanges {
            switch status {
            case .open(let version, _):
                runtime.logger.log(
                    event: .brokerConnected, "connected to the broker", metadata: ["version": .string(version)])
            case .down(let error):
                runtime.logger.log(
                    event: .brokerLost, level: .warning, "no connection to the broker; trying again",
                    metadata: [LogKey.error: .string(error.message)])
            case .connecting, .closed: break
            }
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
