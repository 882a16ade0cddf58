import Foundation
import Synchronization

/// Looks at all of slskd's downloads once a second, as long as anybody waits for one, and tells everybody what it sees
/// of theirs: one request for all transfers of the process.
final class DownloadsPoller: Sendable {
    /// A file at a peer.
    struct Key: Hashable, Sendable {
        private let user: [UInt8]
        private let file: [UInt8]

        /// By bytes: to Swift, different bytes may be the same text.
        init(_ user: String, _ file: String) {
            self.user = Array(user.utf8)
            self.file = Array(file.utf8)
        }
    }

    /// What one look has shown.
    struct News: Sendable {
        enum Content: Sendable {
            /// slskd's transfers of the file, those that were removed from its lists left out.
            case transfers([SlskdTransfer])
            case away(SlskdError)
        }

        /// When slskd was asked: what was ordered later is not in it.
        let asked: ContinuousClock.Instant
        let content: Content
    }

    private struct State {
        var watchers: [Key: [UUID: AsyncStream<News>.Continuation]] = [:]
        var polling: Task<Void, Never>?
    }

    private let look: @Sendable () async throws -> [SlskdTransfer]
    private let interval: Duration
    private let state = Mutex(State())
    private static let longestPause = Duration.seconds(15)

    init(every interval: Duration, _ look: @escaping @Sendable () async throws -> [SlskdTransfer]) {
        self.look = look
        self.interval = interval
    }

    /// What is seen of a file's transfers, at each look; only the newest is kept for who is slow. Ends with its reader.
    func news(of key: Key) -> AsyncStream<News> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingNewest(1))
        continuation.onTermination = { [weak self] _ in self?.leave(key, id) }
        state.withLock { state in
            state.watchers[key, default: [:]][id] = continuation
            if state.polling == nil { state.polling = Task { await self.poll() } }
        }
        return stream
    }

    private func leave(_ key: Key, _ id: UUID) {
        state.withLock { state in
            state.watchers[key]?[id] = nil
            if state.watchers[key]?.isEmpty == true { state.watchers[key] = nil }
        }
    }

    private func poll() async {
        var failures = 0
        while mayGoOn() {
            let asked = ContinuousClock.now
            do {
                tell(try await look(), asked)
                failures = 0
            } catch let error as SlskdError {
                failures += 1
                tell(error, asked)
            } catch {
                // Nobody cancels this task: slskd's client was closed.
                tell(SlskdError(.unavailable, "slskd is not asked any more"), asked)
                failures += 1
            }
            let pause = failures == 0 ? interval : min(interval * Double(1 << min(failures, 8)), Self.longestPause)
            try? await Task.sleep(until: asked + pause, clock: .continuous)
        }
    }

    /// Whether anybody waits; when not, the next one begins anew.
    private func mayGoOn() -> Bool {
        state.withLock { state in
            if state.watchers.isEmpty { state.polling = nil }
            return !state.watchers.isEmpty
        }
    }

    private func tell(_ transfers: [SlskdTransfer], _ asked: ContinuousClock.Instant) {
        let watchers = state.withLock { $0.watchers }
        var found: [Key: [SlskdTransfer]] = [:]
        for transfer in transfers {
            let key = Key(transfer.username, transfer.filename)
            if watchers[key] != nil { found[key, default: []].append(transfer) }
        }
        for (key, watchers) in watchers {
            let news = News(asked: asked, content: .transfers(found[key] ?? []))
            for watcher in watchers.values { watcher.yield(news) }
        }
    }

    private func tell(_ error: SlskdError, _ asked: ContinuousClock.Instant) {
        let watchers = state.withLock { $0.watchers.values.flatMap(\.values) }
        for watcher in watchers { watcher.yield(News(asked: asked, content: .away(error))) }
    }
}
