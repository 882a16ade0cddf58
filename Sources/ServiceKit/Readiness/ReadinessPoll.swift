public import AMQP
public import ServiceLifecycle

/// Repeats the readiness checks every few seconds, and at once when a connection to the broker changes. It waits for
/// none of them.
public struct ReadinessPoll: Service {
    private let readiness: Readiness
    private let interval: Duration
    private let connections: [AMQPConnection]

    public init(
        _ readiness: Readiness, every interval: Duration = Readiness.interval, watching connections: [AMQPConnection]
    ) {
        self.readiness = readiness
        self.interval = interval
        self.connections = connections
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    repeat { readiness.runDueChecks() } while (try? await Task.sleep(for: interval)) != nil
                }
                for connection in connections {
                    group.addTask {
                        for await _ in connection.statusChanges { readiness.recheck() }
                    }
                }
            }
        }
    }
}

extension CheckResult {
    /// Checks whether a connection to the broker is usable.
    public init(_ status: ConnectionStatus) {
        switch status {
        case .open(_, nil): self = .ok
        case .open(_, let reason?):
            self = .failing("the broker does not accept messages: \(reason); free memory or disk space on its host")
        case .connecting: self = .failing("not connected to the broker yet")
        case .down(let error): self = .failing("no connection to the broker: \(error.message)")
        case .closed: self = .failing("the connection to the broker was closed")
        }
    }
}
