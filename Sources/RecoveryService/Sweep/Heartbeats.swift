import AMQP
import Contracts
import ServiceKit
import ServiceLifecycle
import Synchronization

/// The latest heartbeats of all processes: how many messages they hold.
final class Heartbeats: Sendable {
    private struct Beat: Sendable {
        var status: SystemStatus
        var received: ContinuousClock.Instant
    }

    private struct State {
        var beats: [String: Beat] = [:]
        /// Since when heartbeats are received without a gap.
        var listening: ContinuousClock.Instant?
    }

    /// The most processes that are remembered.
    private static let mostProcesses = 1000

    private let state = Mutex(State())

    func record(_ status: SystemStatus, at time: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.beats = state.beats.filter { $0.value.received.duration(to: time) < SystemStatus.lifetime }
            guard state.beats.count < Self.mostProcesses || state.beats[status.instance] != nil else { return }
            state.beats[status.instance] = Beat(status: status, received: time)
        }
    }

    /// Records whether heartbeats are received.
    func setListening(_ isListening: Bool, at time: ContinuousClock.Instant = .now) {
        state.withLock { state in
            if !isListening { state.listening = nil } else if state.listening == nil { state.listening = time }
        }
    }

    /// Returns how many messages of queues all processes hold.
    /// - Parameter since: heartbeats before this time do not count as an answer.
    /// - Returns: `nil` while it is not known: heartbeats are not received for long enough, or a process that lives has
    ///   not sent one since.
    func held(
        _ queues: Set<String>, since: ContinuousClock.Instant? = nil, at time: ContinuousClock.Instant = .now
    ) -> Int? {
        state.withLock { state in
            guard let listening = state.listening, listening.duration(to: time) >= SystemStatus.lifetime else {
                return nil
            }
            let beats = state.beats.values.filter { $0.received.duration(to: time) < SystemStatus.lifetime }
            if let since, beats.contains(where: { $0.received < since && !$0.status.held.isDisjoint(queues) }) {
                return nil
            }
            return beats.reduce(0) { sum, beat in
                queues.reduce(sum) { $0 + (beat.status.held[$1] ?? 0) }
            }
        }
    }
}

extension [String: Int] {
    fileprivate func isDisjoint(_ queues: Set<String>) -> Bool { queues.isDisjoint(with: keys) }
}

/// Receives heartbeats on a queue of its own, which expires after the process.
struct HeartbeatService: Service {
    private static let expiresAfterMS: Int64 = 600_000
    private static let mostWaiting: Int64 = 1000
    private static let prefetch = 64

    let runtime: ServiceRuntime
    let heartbeats: Heartbeats

    func run() async throws {
        guard let subscription = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.watchConnection() }
                for await delivery in subscription {
                    if let status = try? ContractCoding.decode(SystemStatus.self, from: delivery.message.body) {
                        heartbeats.record(status)
                    }
                    delivery.ack()
                }
                group.cancelAll()
            }
            // The connection was closed.
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            Task { await subscription.cancel() }
        }
    }

    private func watchConnection() async {
        for await status in runtime.consuming.statusChanges { heartbeats.setListening(status.isUsable) }
    }

    /// - Returns: `nil` when the service stops before there is a broker.
    private func subscribe() async throws(AMQPError) -> Subscription? {
        let name = "hdm.reply.recovery.\(runtime.instance)"
        let arguments: FieldTable = [
            "x-expires": .integer(Self.expiresAfterMS), "x-max-length": .integer(Self.mostWaiting),
            "x-queue-type": "classic",
        ]
        while await hasBroker() {
            do throws(AMQPError) {
                try await runtime.consuming.declare([
                    .queue(name, arguments: arguments),
                    .binding(queue: name, exchange: ExchangeName.events, routingKey: "system.#"),
                ])
                return try await runtime.consuming.subscribe(to: name, prefetch: Self.prefetch)
            } catch {
                guard error.isConnectionFailure || error.code == .notFound else { throw error }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }

    private func hasBroker() async -> Bool {
        do {
            try await runtime.waitForBroker()
            return true
        } catch {
            return false
        }
    }
}
