public import Contracts
import Foundation

extension SlskdFetchSource {
    /// Ends transfers of HDM at slskd that nobody waits for any more and removes their folders: those of jobs that have
    /// ended, and those that are older than any job waits for one. Leaves alone what is followed here, what others
    /// ordered, and all transfers at a slskd before 0.26, where they bear no mark.
    ///
    /// - Returns: how many transfers and folders.
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

    /// Folders whose transfers slskd does not show any more.
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
            // Only to spare questions: what is forgotten is asked again.
            if known.count >= Self.mostDestinations { known = [:] }
            known[id] = destination
        }
        return destination
    }

    private static let mostDestinations = 10_000
}

extension TransferSettings {
    /// After which no job waits for a transfer any more: the longest time in a queue, and a day.
    var longestLife: Duration { queueAlone + .seconds(86_400) }
}
