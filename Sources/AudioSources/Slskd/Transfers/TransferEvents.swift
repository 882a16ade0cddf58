import Foundation
import Synchronization

/// Where slskd says that it has put files: asked once a second at most, however many ask.
final class TransferEvents: Sendable {
    private struct Look {
        let asked: ContinuousClock.Instant
        let task: Task<[SlskdCompletedFile], any Error>
    }

    private let client: SlskdClient
    private let last = Mutex<Look?>(nil)

    init(_ client: SlskdClient) { self.client = client }

    /// The path on slskd's side of what a transfer has fetched.
    /// - Throws: ``SlskdError``.
    func path(of transfer: SlskdTransfer) async throws -> String? {
        let files = try await look().value
        return files.first { $0.transfer?.id == transfer.id }?.localFilename
    }

    private func look() -> Task<[SlskdCompletedFile], any Error> {
        last.withLock { last in
            if let last, ContinuousClock.now - last.asked < .seconds(1) { return last.task }
            let task = Task { [client] in
                try await client.events(since: nil).compactMap { event in
                    if case .fileCompleted(let file) = event.content { file } else { nil }
                }
            }
            last = Look(asked: .now, task: task)
            return task
        }
    }
}
