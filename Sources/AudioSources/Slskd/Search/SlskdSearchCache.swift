import Contracts
import Foundation
import Synchronization

/// A cache of recent results by their search words, so that the tracks of an album need one search for the album.
/// Concurrent callers with the same words share one search.
///
/// Results without offers are not cached: a peer may share the file soon, and the caller has its own cache of misses.
final class SlskdSearchCache: Sendable {
    private struct Entry {
        let offers: [OfferedFile]
        let at: ContinuousClock.Instant
        let bytes: Int
    }

    private struct RunningSearch {
        let number: Int
        let task: Task<Void, Never>
        var waiting: [UUID: CheckedContinuation<[OfferedFile], any Error>] = [:]
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var running: [String: RunningSearch] = [:]
        /// The last callers of cancelled searches, which wait for the end of these.
        var leaving: [Int: CheckedContinuation<[OfferedFile], any Error>] = [:]
        var bytes = 0
        var searches = 0
    }

    private let lifetime: Duration
    private let maximumBytes: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter maximumBytes: The approximate size of all entries together.
    init(
        lifetime: Duration, maximumBytes: Int = 32 << 20,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.lifetime = lifetime
        self.maximumBytes = maximumBytes
        self.now = now
    }

    /// Returns a recent result, joins the running search for the same words, or starts a search.
    ///
    /// A search is cancelled when its last caller is cancelled. This caller waits for its end.
    /// - Parameter isFresh: Whether a recent result must not be used.
    func offers(
        for words: String, isFresh: Bool, _ search: @escaping @Sendable () async throws -> [OfferedFile]
    ) async throws -> [OfferedFile] {
        if !isFresh, let offers = recent(words) { return offers }
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(id, words, continuation, search)
            }
        } onCancel: {
            leave(id, words)
        }
    }

    /// The number of callers that wait for a search.
    func waiting(for words: String) -> Int { state.withLock { $0.running[words]?.waiting.count ?? 0 } }

    /// The approximate size of all entries.
    var bytes: Int { state.withLock { $0.bytes } }

    private func recent(_ words: String) -> [OfferedFile]? {
        state.withLock { state in
            guard let entry = state.entries[words], now() - entry.at < lifetime else { return nil }
            return entry.offers
        }
    }

    private func wait(
        _ id: UUID, _ words: String, _ continuation: CheckedContinuation<[OfferedFile], any Error>,
        _ search: @escaping @Sendable () async throws -> [OfferedFile]
    ) {
        let isCancelled = state.withLock { state in
            // The cancellation handler may have run before the caller was added.
            if Task.isCancelled { return true }
            var running = state.running[words] ?? begin(words, &state, search)
            running.waiting[id] = continuation
            state.running[words] = running
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
    }

    private func begin(
        _ words: String, _ state: inout State, _ search: @escaping @Sendable () async throws -> [OfferedFile]
    ) -> RunningSearch {
        state.searches += 1
        let number = state.searches
        let task = Task {
            do {
                end(number, words, .success(try await search()))
            } catch {
                end(number, words, .failure(error))
            }
        }
        return RunningSearch(number: number, task: task)
    }

    private func end(_ number: Int, _ words: String, _ result: Result<[OfferedFile], any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<[OfferedFile], any Error>] in
            if case .success(let offers) = result { insert(offers, words, &state) }
            guard let running = state.running[words], running.number == number else {
                return state.leaving.removeValue(forKey: number).map { [$0] } ?? []
            }
            state.running[words] = nil
            return Array(running.waiting.values)
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    private func leave(_ id: UUID, _ words: String) {
        let waiting = state.withLock { state -> CheckedContinuation<[OfferedFile], any Error>? in
            guard let running = state.running[words], let last = running.waiting[id] else { return nil }
            guard running.waiting.count > 1 else {
                // Later callers start a new search.
                state.running[words] = nil
                state.leaving[running.number] = last
                running.task.cancel()
                return nil
            }
            return state.running[words]?.waiting.removeValue(forKey: id)
        }
        waiting?.resume(throwing: CancellationError())
    }

    // MARK: - Entries

    private func insert(_ offers: [OfferedFile], _ words: String, _ state: inout State) {
        state.bytes -= state.entries.removeValue(forKey: words)?.bytes ?? 0
        for (words, entry) in state.entries where now() - entry.at >= lifetime {
            state.bytes -= entry.bytes
            state.entries[words] = nil
        }
        let bytes = offers.reduce(0) { $0 + Self.bytes($1) }
        guard !offers.isEmpty, lifetime > .zero, bytes <= maximumBytes else { return }
        while state.bytes + bytes > maximumBytes, let oldest = state.entries.min(by: { $0.value.at < $1.value.at }) {
            state.bytes -= oldest.value.bytes
            state.entries[oldest.key] = nil
        }
        state.entries[words] = Entry(offers: offers, at: now(), bytes: bytes)
        state.bytes += bytes
    }

    private static func bytes(_ offer: OfferedFile) -> Int {
        MemoryLayout<OfferedFile>.stride + offer.path.utf8.count + (offer.user?.utf8.count ?? 0) + 64
    }
}
