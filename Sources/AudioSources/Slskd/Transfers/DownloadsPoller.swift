import Foundation
import Synchronization

/// Polls the list of all downloads at slskd once a second while at least one transfer is followed, and distributes the
/// results. So one request serves all transfers of the process.
final class DownloadsPoller: Sendable {
    /// A file at a peer.
    struct Key: Hashable, Sendable {
        private let user: [UInt8]
        private let file: [UInt8]

        /// Compared by bytes, because texts of different bytes can be equal in Swift.
        init(_ user: String, _ file: String) {
            self.user = Array(user.utf8)
            self.file = Array(file.utf8)
        }
    }

    /// The result of one poll for one file.
    struct Update: Sendable, Equatable {
        enum Content: Sendable, Equatable {
            /// The transfers of the file, without those that were removed from slskd's lists.
            case transfers([SlskdTransfer])
            case failed(SlskdError)
        }

        /// When the request was sent. The result does not contain transfers that were ordered later.
        let requestedAt: ContinuousClock.Instant
        let content: Content
    }

    private struct State {
        var watchers: [Key: [UUID: AsyncStream<Update>.Continuation]] = [:]
        var polling: Task<Void, Never>?
        /// The earliest time of the next request, also when a new polling task sends it.
        var nextRequest = ContinuousClock.now
    }

    private let list: @Sendable () async throws -> [SlskdTransfer]
    private let interval: Duration
    private let state = Mutex(State())
    private static let longestPause = Duration.seconds(15)

    init(every interval: Duration, _ list: @escaping @Sendable () async throws -> [SlskdTransfer]) {
        self.list = list
        self.interval = interval
    }

    /// Returns the results of all further polls for a file. A slow reader gets only the newest one.
    func updates(of key: Key) -> AsyncStream<Update> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(of: Update.self, bufferingPolicy: .bufferingNewest(1))
        continuation.onTermination = { [weak self] _ in self?.remove(key, id) }
        state.withLock { state in
            state.watchers[key, default: [:]][id] = continuation
            if state.polling == nil { state.polling = Task { await self.poll() } }
        }
        return stream
    }

    private func remove(_ key: Key, _ id: UUID) {
        state.withLock { state in
            state.watchers[key]?[id] = nil
            if state.watchers[key]?.isEmpty == true { state.watchers[key] = nil }
        }
    }

    private func poll() async {
        var failures = 0
        while hasWatchers() {
            try? await Task.sleep(until: state.withLock { $0.nextRequest }, clock: .continuous)
            let requestedAt = ContinuousClock.now
            state.withLock { $0.nextRequest = requestedAt + interval }
            do {
                distribute(try await list(), requestedAt)
                failures = 0
            } catch let error as SlskdError {
                failures += 1
                distribute(error, requestedAt)
            } catch {
                // This task is never cancelled, so the client was closed.
                distribute(SlskdError(.unavailable, "the client of slskd was closed"), requestedAt)
                failures += 1
            }
            let pause = failures == 0 ? interval : min(interval * Double(1 << min(failures, 8)), Self.longestPause)
            try? await Task.sleep(until: requestedAt + pause, clock: .continuous)
        }
    }

    /// Whether a transfer is followed. When none is, the next one starts a new polling task.
    private func hasWatchers() -> Bool {
        state.withLock { state in
            if state.watchers.isEmpty { state.polling = nil }
            return !state.watchers.isEmpty
        }
    }

    private func distribute(_ transfers: [SlskdTransfer], _ requestedAt: ContinuousClock.Instant) {
        let watchers = state.withLock { $0.watchers }
        var found: [Key: [SlskdTransfer]] = [:]
        for transfer in transfers {
            let key = Key(transfer.username, transfer.filename)
            if watchers[key] != nil { found[key, default: []].append(transfer) }
        }
        for (key, watchers) in watchers {
            let update = Update(requestedAt: requestedAt, content: .transfers(found[key] ?? []))
            for watcher in watchers.values { watcher.yield(update) }
        }
    }

    private func distribute(_ error: SlskdError, _ requestedAt: ContinuousClock.Instant) {
        let watchers = state.withLock { $0.watchers.values.flatMap(\.values) }
        for watcher in watchers { watcher.yield(Update(requestedAt: requestedAt, content: .failed(error))) }
    }
}
