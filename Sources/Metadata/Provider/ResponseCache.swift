import Foundation
import Synchronization

/// Keeps the last answers of a provider, to ask only whether they still hold. Bounded; the longest unused goes first.
final class ResponseCache: Sendable {
    struct Answer: Sendable, Equatable {
        /// The provider's mark of it (`ETag`).
        let mark: String
        let body: Data
    }

    fileprivate struct State {
        var answers: [String: Answer] = [:]
        /// The longest unused first.
        var order: [String] = []
        var bytes = 0
    }

    private let mostAnswers: Int
    private let mostBytes: Int
    private let state = Mutex(State())

    init(mostAnswers: Int = 100, mostBytes: Int = 1 << 20) {
        self.mostAnswers = mostAnswers
        self.mostBytes = mostBytes
    }

    subscript(key: String) -> Answer? {
        state.withLock { state in
            guard let answer = state.answers[key] else { return nil }
            state.order.removeAll { $0 == key }
            state.order.append(key)
            return answer
        }
    }

    /// Keeps an answer, unless it is so large that little else would fit beside it.
    func keep(_ answer: Answer, for key: String) {
        guard answer.body.count <= mostBytes / 8 else { return }
        state.withLock { state in
            state.remove(key)
            state.answers[key] = answer
            state.order.append(key)
            state.bytes += answer.body.count
            while state.order.count > mostAnswers || state.bytes > mostBytes { state.remove(state.order[0]) }
        }
    }
}

extension ResponseCache.State {
    fileprivate mutating func remove(_ key: String) {
        guard let answer = answers.removeValue(forKey: key) else { return }
        bytes -= answer.body.count
        order.removeAll { $0 == key }
    }
}
