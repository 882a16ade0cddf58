@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Shuts down the socket of a connection whose thread hangs inside librabbitmq.
///
/// A publish in librabbitmq has no timeout. After the shutdown the call returns with an error.
final class StallWatch: Sendable {
    private struct State {
        var descriptor: Int32?
        var busySince: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let limit: Duration
    private let timer: any DispatchSourceTimer

    /// - Parameter limit: The longest time that one unit of work may take.
    init(limit: Duration) {
        self.limit = limit
        timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
    }

    func start() {
        timer.setEventHandler { [weak self] in self?.check() }
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.resume()
    }

    func stop() { timer.cancel() }

    /// Watches a new connection, by the descriptor of its socket.
    func begin(_ descriptor: Int32) { state.withLock { $0 = State(descriptor: descriptor, busySince: .now) } }

    /// Stops watching, because the connection is closed.
    func end() { state.withLock { $0 = State() } }

    /// Starts the clock of the next unit of work.
    func workBegins() { state.withLock { $0.busySince = .now } }

    func workEnds() { state.withLock { $0.busySince = nil } }

    private func check() {
        state.withLock { state in
            guard let descriptor = state.descriptor, let since = state.busySince, since.duration(to: .now) > limit
            else { return }
            shutdown(descriptor, Int32(SHUT_RDWR))
            state.descriptor = nil
        }
    }
}
