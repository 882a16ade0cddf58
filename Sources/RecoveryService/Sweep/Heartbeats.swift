import Contracts
import Foundation
import ServiceKit
import Synchronization

/// The latest heartbeats of all processes: how many messages they hold.
///
/// The heartbeats of this process take the same way as the others. While none of them arrives in time, such as during an
/// alarm of the broker, nothing is known about other processes either.
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

    /// The instance of this process.
    private let own: String
    /// How old a heartbeat may be when it arrives. It describes what was true that long before.
    let longestLag: Duration
    private let state = Mutex(State())

    init(own: String, longestLag: Duration = .seconds(2)) {
        self.own = own
        self.longestLag = longestLag
    }

    func record(_ status: SystemStatus, at time: ContinuousClock.Instant = .now, now: Timestamp = .now) {
        state.withLock { state in
            state.beats = state.beats.filter { $0.value.received.duration(to: time) < SystemStatus.lifetime }
            if status.instance == own {
                // A late heartbeat shows that the others are late as well. Only this process has the same clock.
                guard now.since(status.at) <= longestLag else { return state.listening = nil }
                if state.beats[own] == nil || state.listening == nil { state.listening = time }
            }
            guard state.beats.count < Self.mostProcesses || state.beats[status.instance] != nil else { return }
            state.beats[status.instance] = Beat(status: status, received: time)
        }
    }

    /// Forgets since when heartbeats are received, as some may have been lost.
    func interrupt() { state.withLock { $0.listening = nil } }

    /// Returns how many messages of queues all processes hold.
    /// - Parameter since: heartbeats before this time do not count as an answer.
    /// - Returns: `nil` while it is not known: heartbeats are not received for long enough, or a process that lives has
    ///   not sent one since.
    func held(
        _ queues: Set<String>, since: ContinuousClock.Instant? = nil, at time: ContinuousClock.Instant = .now
    ) -> Int? {
        state.withLock { state in
            guard let beats = alive(state, at: time) else { return nil }
            if let since,
                beats.contains(where: { $0.received < since && !queues.isDisjoint(with: $0.status.held.keys) })
            {
                return nil
            }
            return beats.reduce(0) { sum, beat in
                queues.reduce(sum) { $0 + (beat.status.held[$1] ?? 0) }
            }
        }
    }

    /// Whether processes of a service live, and all of them are ready and not paused.
    func isReady(_ service: ServiceName, at time: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            let beats = (alive(state, at: time) ?? []).filter { $0.status.service == service }
            return !beats.isEmpty && beats.allSatisfy { $0.status.ready && !$0.status.paused }
        }
    }

    /// - Returns: `nil` while heartbeats are not received for long enough.
    private func alive(_ state: State, at time: ContinuousClock.Instant) -> [Beat]? {
        let beats = state.beats.filter { $0.value.received.duration(to: time) < SystemStatus.lifetime }
        guard beats[own] != nil, let listening = state.listening,
            listening.duration(to: time) >= SystemStatus.lifetime
        else { return nil }
        return Array(beats.values)
    }
}
