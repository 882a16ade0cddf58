@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Notices a connection's thread that hangs inside librabbitmq, whose publish has no timeout, and cuts the socket so
/// that the thread comes back with an error.
final class StallWatch: Sendable {
    private struct State {
        var descriptor: Int32?
        var busySince: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let limit: Duration
    private let timer: any DispatchSourceTimer

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

    func begin(_ descriptor: Int32) { state.withLock { $0 = State(descriptor: descriptor, busySince: .now) } }

    func end() { state.withLock { $0 = State() } }

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
