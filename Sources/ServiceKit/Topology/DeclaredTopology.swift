import AMQP
import Contracts
import Logging
import ServiceLifecycle
import Synchronization

/// Declares the topology on both connections of a service, declares again what disappears, and reports it.
final class DeclaredTopology: Sendable {
    /// How often the broker is compared with the topology.
    static let interval: Duration = .seconds(15)
    /// How long the readiness check remarks on what was missing.
    static let memory: Duration = .seconds(600)

    private struct State {
        var isDeclared = false
        /// Why a part cannot be declared.
        var problem: String?
        /// What was missing, and when it was declared again.
        var healed: [(labels: [String], at: Timestamp, instant: ContinuousClock.Instant)] = []
    }

    private let runtime: ServiceRuntime
    private let state = Mutex(State())

    init(_ runtime: ServiceRuntime) { self.runtime = runtime }

    /// Declares everything. Waits for the broker, and for the end of `hdm topology upgrade`.
    /// - Throws: ``AMQPError`` if the broker has a queue with other arguments, `CancellationError`.
    func declare() async throws {
        await runtime.pauses.refresh()
        repeat {
            try await runtime.waitForBroker()
            guard !runtime.pauses.isUpgrading else {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
                continue
            }
        } while try await !tryDeclaring()
        state.withLock { $0.isDeclared = true }
    }

    /// - Returns: `false` when it has to be tried again.
    private func tryDeclaring() async throws -> Bool {
        guard !runtime.pauses.isUpgrading else { return false }
        do throws(AMQPError) {
            let declarations = Topology(runtime.settings.queueType).declarations
            try await runtime.consuming.declare(declarations)
            try await runtime.publishing.declare(declarations)
            report(nil)
            return true
        } catch {
            // The node of a classic queue is down: the broker answers as if the queue did not exist.
            guard error.isRetriable || error.code == .notFound else { throw error }
            report(error)
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
            return false
        }
    }

    /// Compares the broker with the topology every 15 seconds until the task is cancelled. The connections do so by
    /// themselves after a reconnection, and when the broker refuses a consumer or returns a message.
    ///
    /// Nothing is declared during an upgrade, which deletes queues on purpose.
    func maintain() async {
        var (next, wasUpgrading) = (ContinuousClock.now + Self.interval, false)
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let isUpgrading = runtime.pauses.isUpgrading
            if isUpgrading != wasUpgrading {
                await suspendHealing(isUpgrading)
                (wasUpgrading, next) = (isUpgrading, .now)
            }
            guard !isUpgrading, .now >= next else { continue }
            await heal()
            next = .now + Self.interval
        }
    }

    /// Declares what is missing.
    func heal() async {
        do throws(AMQPError) {
            _ = try await runtime.consuming.heal()
            report(nil)
        } catch {
            // The check of the connection reports a lost one.
            if !error.isConnectionFailure { report(error) }
        }
    }

    /// Logs what a connection declared again, until the connection is closed.
    func logHealing(of connection: AMQPConnection) async {
        for await labels in connection.healed {
            state.withLock { state in
                state.healed.removeAll { $0.instant + Self.memory < .now }
                state.healed.append((labels, .now, .now))
            }
            runtime.logger.log(
                event: .topologyHealed, level: .warning,
                "objects of the broker were missing and are declared again; messages for them may be in hdm.dlq.invalid",
                metadata: ["objects": .array(labels.map { .string($0) })])
            await runtime.readiness.refresh()
        }
    }

    /// The entry in `GET /ready`.
    var check: CheckResult {
        let (isUpgrading, isKnown) = (runtime.pauses.isUpgrading, runtime.pauses.isKnown)
        return state.withLock { state in
            if let problem = state.problem { return .failing(problem) }
            guard state.isDeclared else {
                guard isKnown else {
                    return .failing(
                        "the queues are not declared before the markers in the downloads folder can be read")
                }
                return .failing(
                    isUpgrading
                        ? "`hdm topology upgrade` runs or was interrupted; if it does not run, run it again"
                        : "the queues are not declared yet")
            }
            let recent = state.healed.filter { $0.instant + Self.memory >= .now }
            guard !recent.isEmpty else { return .ok }
            let texts = recent.map { "\($0.labels.joined(separator: ", ")) (declared again at \($0.at))" }
            return .noted("was missing: \(texts.joined(separator: "; "))")
        }
    }

    private func suspendHealing(_ isSuspended: Bool) async {
        for connection in [runtime.consuming, runtime.publishing] {
            if isSuspended { await connection.suspendHealing() } else { await connection.resumeHealing() }
        }
    }

    private func report(_ error: AMQPError?) {
        let text = error.map { error in
            error.code == .preconditionFailed
                ? "\(error.message); run `hdm topology upgrade`" : "the topology is incomplete: \(error.message)"
        }
        state.withLock { $0.problem = text }
    }
}
