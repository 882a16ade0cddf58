public import Contracts
import Foundation

extension SlskdFetchSource {
    public func abandon(_ candidates: [Candidate], of job: JobID) async throws {
        do {
            try await withThrowingTaskGroup { group in
                for candidate in candidates {
                    let order = TransferOrder(candidate, job: job, into: URL(filePath: files.root))
                    let run = TransferRun(order: order, source: self, report: { _ in }, followed: { _ in })
                    group.addTask { try await run.abandon() }
                }
                try await group.waitForAll()
            }
        } catch let pause as TransferRun.Pause {
            if case .sourceUnavailable(let error, _) = pause.result { throw error }
        }
    }
}

extension TransferRun {
    /// An order can be on its way to slskd when its job is cancelled. So the list is polled until the second or a later
    /// poll has no transfer of the job.
    private static let maximumPolls = 5

    /// Ends the transfers of the order's file that belong to its job.
    fileprivate func abandon() async throws {
        let identity = TransferIdentity(order.candidate, job: order.job, round: order.round)
        var feed = source.poller.updates(of: DownloadsPoller.Key(user, order.candidate.path)).makeAsyncIterator()
        for number in 0..<Self.maximumPolls {
            var transfers = try await poll(&feed, after: .now)
            var isAnyOurs = false
            while let found = try await own(identity, among: transfers) {
                isAnyOurs = true
                try await end(found)
                transfers.removeAll { $0.id == found.transfer.id }
            }
            if number > 0, !isAnyOurs { return }
        }
    }
}
