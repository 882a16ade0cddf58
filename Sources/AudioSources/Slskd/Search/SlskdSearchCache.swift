import Contracts
import Foundation
import Synchronization

/// Recent answers by the words that were asked, so that the tracks of an album cost one question about the album; those
/// who ask what is being asked already wait for the same answer.
///
/// CannedResponses without offers are not kept: somebody may share the file in a moment, and the memory of misses is the
/// caller's.
final class SlskdSearchCache: Sendable {
    private struct Answer {
        let offers: [OfferedFile]
        let at: ContinuousClock.Instant
        let bytes: Int
    }

    private struct Asking {
        let number: Int
        let task: Task<Void, Never>
        var waiting: [UUID: CheckedContinuation<[OfferedFile], any Error>] = [:]
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var asking: [String: Asking] = [:]
        /// Those who wait for the end of a question that nobody wants answered any more.
        var leaving: [Int: CheckedContinuation<[OfferedFile], any Error>] = [:]
        var bytes = 0
        var questions = 0
    }

    private let lifetime: Duration
    private let mostBytes: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter mostBytes: of all answers together, roughly.
    init(
        lifetime: Duration, mostBytes: Int = 32 << 20,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.lifetime = lifetime
        self.mostBytes = mostBytes
        self.now = now
    }

    /// The answer to a question: a recent one, the one that is on its way, or a new one.
    ///
    /// Asking goes on while anybody waits for it; it is cancelled with the last of them, who waits for its end.
    /// - Parameter isFresh: a recent one will not do.
    func offers(
        for words: String, isFresh: Bool, _ ask: @escaping @Sendable () async throws -> [OfferedFile]
    ) async throws -> [OfferedFile] {
        if !isFresh, let offers = recent(words) { return offers }
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(id, words, continuation, ask)
            }
        } onCancel: {
            leave(id, words)
        }
    }

    /// Those who wait for the answer to a question.
    func waiting(for words: String) -> Int { state.withLock { $0.asking[words]?.waiting.count ?? 0 } }

    /// What the kept answers take, roughly.
    var bytes: Int { state.withLock { $0.bytes } }

    private func recent(_ words: String) -> [OfferedFile]? {
        state.withLock { state in
            guard let answer = state.answers[words], now() - answer.at < lifetime else { return nil }
            return answer.offers
        }
    }

    private func wait(
        _ id: UUID, _ words: String, _ continuation: CheckedContinuation<[OfferedFile], any Error>,
        _ ask: @escaping @Sendable () async throws -> [OfferedFile]
    ) {
        let isCancelled = state.withLock { state in
            // The handler may have run before there was anything to leave.
            if Task.isCancelled { return true }
            var asking = state.asking[words] ?? begin(words, &state, ask)
            asking.waiting[id] = continuation
            state.asking[words] = asking
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
    }

    private func begin(
        _ words: String, _ state: inout State, _ ask: @escaping @Sendable () async throws -> [OfferedFile]
    ) -> Asking {
        state.questions += 1
        let number = state.questions
        let task = Task {
            do {
                end(number, words, .success(try await ask()))
            } catch {
                end(number, words, .failure(error))
            }
        }
        return Asking(number: number, task: task)
    }

    private func end(_ number: Int, _ words: String, _ result: Result<[OfferedFile], any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<[OfferedFile], any Error>] in
            if case .success(let offers) = result { keep(offers, words, &state) }
            guard let asking = state.asking[words], asking.number == number else {
                return state.leaving.removeValue(forKey: number).map { [$0] } ?? []
            }
            state.asking[words] = nil
            return Array(asking.waiting.values)
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    private func leave(_ id: UUID, _ words: String) {
        let waiting = state.withLock { state -> CheckedContinuation<[OfferedFile], any Error>? in
            guard let asking = state.asking[words], let last = asking.waiting[id] else { return nil }
            guard asking.waiting.count > 1 else {
                // Who comes now asks anew.
                state.asking[words] = nil
                state.leaving[asking.number] = last
                asking.task.cancel()
                return nil
            }
            return state.asking[words]?.waiting.removeValue(forKey: id)
        }
        waiting?.resume(throwing: CancellationError())
    }

    // MARK: - Room

    private func keep(_ offers: [OfferedFile], _ words: String, _ state: inout State) {
        state.bytes -= state.answers.removeValue(forKey: words)?.bytes ?? 0
        for (words, answer) in state.answers where now() - answer.at >= lifetime {
            state.bytes -= answer.bytes
            state.answers[words] = nil
        }
        let bytes = offers.reduce(0) { $0 + Self.bytes($1) }
        guard !offers.isEmpty, lifetime > .zero, bytes <= mostBytes else { return }
        while state.bytes + bytes > mostBytes, let oldest = state.answers.min(by: { $0.value.at < $1.value.at }) {
            state.bytes -= oldest.value.bytes
            state.answers[oldest.key] = nil
        }
        state.answers[words] = Answer(offers: offers, at: now(), bytes: bytes)
        state.bytes += bytes
    }

    private static func bytes(_ offer: OfferedFile) -> Int {
        MemoryLayout<OfferedFile>.stride + offer.path.utf8.count + (offer.user?.utf8.count ?? 0) + 64
    }
}
