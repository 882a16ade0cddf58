import Foundation
import Synchronization

/// The places for transfers, over all and at each peer; who waits is let in by priority, then in order.
final class TransferLimiter: Sendable {
    private struct Waiter {
        let id: UUID
        let user: String
        let priority: Int
        let continuation: CheckedContinuation<Bool, any Error>
    }

    private struct State {
        var taken: [String: Int] = [:]
        var total = 0
        var waiting: [Waiter] = []
    }

    private let most: Int
    private let mostPerPeer: Int
    private let state = Mutex(State())

    init(most: Int, perPeer: Int) {
        self.most = most
        mostPerPeer = perPeer
    }

    /// Those who wait for a place.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Takes a place at a peer, which ``leave(_:)`` gives back; waits for one.
    /// - Returns: `false` when there was none in time.
    /// - Throws: `CancellationError`.
    func enter(_ user: String, priority: Int, within patience: Duration) async throws -> Bool {
        let id = UUID()
        let timer = Task {
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            self.withdraw(id)?.resume(returning: false)
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Bool, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard !hasPlace(user, state) else {
                        take(user, &state)
                        return .success(true)
                    }
                    let waiter = Waiter(id: id, user: user, priority: priority, continuation: continuation)
                    let index = state.waiting.firstIndex { $0.priority < priority } ?? state.waiting.endIndex
                    state.waiting.insert(waiter, at: index)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            withdraw(id)?.resume(throwing: CancellationError())
        }
    }

    private func withdraw(_ id: UUID) -> CheckedContinuation<Bool, any Error>? {
        state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
        }
    }

    /// Takes a place for what runs already, whether there is one or not.
    func force(_ user: String) { state.withLock { take(user, &$0) } }

    func leave(_ user: String) {
        let next = state.withLock { state -> [Waiter] in
            state.total -= 1
            state.taken[user, default: 1] -= 1
            if state.taken[user] == 0 { state.taken[user] = nil }
            var admitted: [Waiter] = []
            while let index = state.waiting.firstIndex(where: { hasPlace($0.user, state) }) {
                let waiter = state.waiting.remove(at: index)
                take(waiter.user, &state)
                admitted.append(waiter)
            }
            return admitted
        }
        for waiter in next { waiter.continuation.resume(returning: true) }
    }

    private func hasPlace(_ user: String, _ state: State) -> Bool {
        state.total < most && state.taken[user, default: 0] < mostPerPeer
    }

    private func take(_ user: String, _ state: inout State) {
        state.total += 1
        state.taken[user, default: 0] += 1
    }
}
