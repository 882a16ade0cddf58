import Foundation
import Synchronization

/// Reads the paths of completed files from slskd's events, with at most one request a second for all callers.
final class TransferEvents: Sendable {
    private struct Poll {
        let requestedAt: ContinuousClock.Instant
        let task: Task<[SlskdCompletedFile], any Error>
    }

    private let client: SlskdClient
    private let last = Mutex<Poll?>(nil)

    init(_ client: SlskdClient) { self.client = client }

    /// Returns the path of a transfer's file as slskd sees it; `nil` when no event has it.
    /// - Throws: ``SlskdError``.
    func path(of transfer: UUID) async throws -> String? {
        let files = try await poll().value
        return files.first { $0.transfer?.id == transfer }?.localFilename
    }

    private func poll() -> Task<[SlskdCompletedFile], any Error> {
        last.withLock { last in
            if let last, ContinuousClock.now - last.requestedAt < .seconds(1) { return last.task }
            let task = Task { [client] in
                try await client.events(since: nil).compactMap { event in
                    if case .fileCompleted(let file) = event.content { file } else { nil }
                }
            }
            last = Poll(requestedAt: .now, task: task)
            return task
        }
    }
}
