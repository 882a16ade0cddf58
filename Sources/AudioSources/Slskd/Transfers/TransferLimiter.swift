import Foundation
import Synchronization

/// Limits the concurrent transfers, in total and from each peer. Waiting transfers start by priority, then in their order.
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

    let most: Int
    let mostPerPeer: Int
    private let state = Mutex(State())

    init(most: Int, perPeer: Int) {
        self.most = most
        mostPerPeer = perPeer
    }

    /// The number of waiting transfers.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Whether as many transfers from a peer run as the limit permits.
    func isPeerFull(_ user: String) -> Bool { state.withLock { $0.taken[user, default: 0] >= mostPerPeer } }

    /// Waits for a slot for a transfer from a peer. ``release(_:)`` returns the slot.
    /// - Returns: `false` when no slot became free in time.
    /// - Throws: `CancellationError`.
    func acquire(_ user: String, priority: Int, within patience: Duration) async throws -> Bool {
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
                    guard !hasSlot(user, state) else {
                        reserve(user, &state)
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

    /// Reserves a slot for a transfer that already runs, even when none is free.
    func force(_ user: String) { state.withLock { reserve(user, &$0) } }

    /// Returns the slot of a transfer.
    func release(_ user: String) {
        let next = state.withLock { state -> [Waiter] in
            state.total -= 1
            state.taken[user, default: 1] -= 1
            if state.taken[user] == 0 { state.taken[user] = nil }
            var admitted: [Waiter] = []
            while let index = state.waiting.firstIndex(where: { hasSlot($0.user, state) }) {
                let waiter = state.waiting.remove(at: index)
                reserve(waiter.user, &state)
                admitted.append(waiter)
            }
            return admitted
        }
        for waiter in next { waiter.continuation.resume(returning: true) }
    }

    private func hasSlot(_ user: String, _ state: State) -> Bool {
        state.total < most && state.taken[user, default: 0] < mostPerPeer
    }

    private func reserve(_ user: String, _ state: inout State) {
        state.total += 1
        state.taken[user, default: 0] += 1
    }
}
