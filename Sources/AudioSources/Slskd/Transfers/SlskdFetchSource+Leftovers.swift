public import Contracts
import Foundation

extension SlskdFetchSource {
    /// Ends abandoned transfers of HDM at slskd and removes their folders: transfers of jobs that have ended, and
    /// transfers that are older than any job waits.
    ///
    /// It does not change transfers that this process follows, transfers of other clients, and all transfers at a slskd
    /// before 0.26, where transfers of HDM cannot be identified.
    /// - Returns: The number of removed transfers and folders.
    /// - Throws: ``SlskdError``, `CancellationError`.
    @discardableResult
    public func removeLeftovers(
        now: Timestamp = .now, isFinished: @Sendable (JobID) async -> Bool
    ) async throws -> Int {
        var count = 0
        let listed = try await client.downloads().filter { $0.batchID != nil }
        let oldest = now + (.zero - settings.longestLife)
        var used: Set<String> = []
        for transfer in listed where !isFollowed(transfer.id) {
            guard let destination = try await destination(of: transfer), let job = TransferIdentity.job(of: destination)
            else { continue }
            let isOld = transfer.requestedAt.map { $0 < oldest } ?? false
            if await isFinished(job) || isOld && !isFollowed(job) {
                if try await client.remove(transfer.id, from: transfer.username) { count += 1 }
            } else {
                used.insert(destination)
            }
        }
        return try await count + removeFolders(besides: used, before: oldest, isFinished)
    }

    /// Removes folders whose transfers are no longer in slskd's lists.
    private func removeFolders(
        besides used: Set<String>, before oldest: Timestamp, _ isFinished: @Sendable (JobID) async -> Bool
    ) async throws -> Int {
        let files = files
        var count = 0
        for folder in try await blocking({ files.transferFolders() }) where !used.contains(folder.destination) {
            guard let job = TransferIdentity.job(of: folder.destination), !isFollowed(job) else { continue }
            var isOver = folder.changed < oldest
            if !isOver { isOver = await isFinished(job) }
            guard isOver else { continue }
            try await blocking { files.clear(folder.destination) }
            count += 1
        }
        return count
    }

    private func destination(of transfer: SlskdTransfer) async throws -> String? {
        guard let id = transfer.batchID else { return nil }
        if let known = destinations.withLock({ $0[id] }) { return known }
        let destination = try await client.batch(id)?.destination ?? ""
        destinations.withLock { known in
            // The cache only saves requests, so it can be cleared at any time.
            if known.count >= Self.maximumDestinations { known = [:] }
            known[id] = destination
        }
        return destination
    }

    private static let maximumDestinations = 10_000
}

extension TransferSettings {
    /// The age after which no job waits for a transfer: the longest time in a queue, and a day.
    var longestLife: Duration { queueAlone + .seconds(86_400) }
}
