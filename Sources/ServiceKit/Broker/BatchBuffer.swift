import Synchronization

/// A buffer for one reader that takes everything available at once. While the reader works on one batch, the next grows.
final class BatchBuffer<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var reader: CheckedContinuation<Void, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Appends an element and returns at once. The caller limits the size of the buffer.
    func append(_ element: Element) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.elements.append(element)
            return state.reader.take()
        }?.resume()
    }

    /// Ends the buffer; the reader still gets the elements that are left.
    func finish() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isFinished = true
            return state.reader.take()
        }?.resume()
    }

    /// Waits for at least one element and removes up to `limit` elements.
    /// - Returns: `nil` when the buffer is finished and empty.
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
