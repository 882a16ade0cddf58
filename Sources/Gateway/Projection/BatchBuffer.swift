import Synchronization

/// Collects elements for a reader that takes all there are at once: while it works on one batch, the next one grows.
final class BatchBuffer<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var reader: CheckedContinuation<Void, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Adds an element; never waits. What bounds the buffer is up to the caller.
    func put(_ element: Element) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.elements.append(element)
            return state.reader.take()
        }?.resume()
    }

    /// No more elements come.
    func finish() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isFinished = true
            return state.reader.take()
        }?.resume()
    }

    /// Waits for at least one element and takes up to `limit`; `nil` after ``finish()`` when all are taken. For one
    /// reader.
    func next(limit: Int) async -> [Element]? {
        await waitForAny()
        return state.withLock { state in
            guard !state.elements.isEmpty else { return nil }
            let batch = Array(state.elements.prefix(limit))
            state.elements.removeFirst(batch.count)
            return batch
        }
    }

    private func waitForAny() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.elements.isEmpty || state.isFinished { return true }
                state.reader = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
