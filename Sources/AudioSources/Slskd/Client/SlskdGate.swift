import Foundation
import Synchronization

/// Limits the concurrent requests of one kind to what slskd accepts, in their order. After a response that slskd is busy
/// it pauses all of them.
final class SlskdGate: Sendable {
    private struct State {
        var inside = 0
        var waiting: [(id: UUID, continuation: CheckedContinuation<Void, any Error>)] = []
        var refusals = 0
        var closedUntil = ContinuousClock.now
    }

    private let width: Int
    private let pause: Duration
    private let jitter: Double
    private let state = Mutex(State())
    private static let longestPause = Duration.seconds(30)

    /// - Parameter pause: The pause after the first refusal. It doubles with each consecutive one.
    init(width: Int, pause: Duration, jitter: Double) {
        self.width = width
        self.pause = pause
        self.jitter = jitter
    }

    var isFull: Bool { state.withLock { $0.inside >= width } }

    /// The number of waiting requests.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Waits for a slot and runs `body`.
    /// - Throws: `CancellationError` when the task is cancelled during the wait; errors of `body`.
    func pass<Value>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        try await waitUntilOpen()
        do {
            let value = try await body()
            state.withLock { $0.refusals = 0 }
            return value
        } catch let error as SlskdError where error.meaning == .busy {
            close()
            throw error
        }
    }

    /// A concurrent request can be refused during the wait, so the time is checked again.
    private func waitUntilOpen() async throws {
        try Task.checkCancellation()
        while true {
            let until = state.withLock { $0.closedUntil }
            guard until > .now else { return }
            try await Task.sleep(until: until, clock: .continuous)
        }
    }

    private func close() {
        state.withLock { state in
            let full = min(pause * Double(1 << min(state.refusals, 16)), Self.longestPause)
            state.refusals += 1
            state.closedUntil = .now + full * (1 + jitter * Double.random(in: 0...1))
        }
    }

    private func enter() async throws {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    // The cancellation handler may have run before the request was added.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.inside >= width else {
                        state.inside += 1
                        return .success(())
                    }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            waiting?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Gives the slot to the request that waits longest.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.inside -= 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
