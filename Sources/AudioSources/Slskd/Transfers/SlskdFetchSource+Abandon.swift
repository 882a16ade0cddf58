public import Contracts
import Foundation

extension SlskdFetchSource {
    public func abandon(_ candidates: [Candidate], of job: JobID) async throws {
        try await withThrowingTaskGroup { group in
            for candidate in candidates {
                group.addTask {
                    let order = TransferOrder(candidate, job: job, into: URL(filePath: self.files.root))
                    try await TransferRun(order, source: self).abandon()
                }
            }
            try await group.waitForAll()
        }
    }
}

extension TransferRun {
    /// An order can be on its way to slskd when its job is cancelled. So the list is polled until the second or a later
    /// poll has no transfer of the job.
    private static let maximumPolls = 5

    /// Ends the transfers of the order's file that belong to its job.
    /// - Throws: ``SourceError`` when slskd is unavailable, `CancellationError`.
    fileprivate func abandon() async throws {
        subscribe()
        for number in 0..<Self.maximumPolls {
            var transfers = try await list(after: .now)
            var isAnyOurs = false
            while let found = try await own(among: transfers) {
                isAnyOurs = true
                if try Self.value(try await remove(found.transfer.id)) == false {
                    source.logger.warning("cannot remove a cancelled transfer from slskd's lists; a later sweep does")
                }
                if let folder = found.destination { await clear(folder) }
                transfers.removeAll { $0.id == found.transfer.id }
            }
            if number > 0, !isAnyOurs { return }
        }
    }

    private func list(after moment: ContinuousClock.Instant) async throws -> [SlskdTransfer] {
        while true {
            switch machine.polled(try await nextUpdate(), after: moment, .now) {
            case .transfers(let transfers): return transfers
            case .failed(let error): throw SourceError(unavailable: error)
            case .outdated: continue
            }
        }
    }

    private func own(among transfers: [SlskdTransfer]) async throws -> FoundTransfer? {
        var facts = TransferFacts()
        while true {
            let ownership = TransferOwnership(order: order, identity: machine.identity, facts: facts)
            switch ownership.own(among: transfers) {
            case .value(let found): return found
            case .needs(let question): facts.record(try Self.value(try await fact(question)), for: question)
            }
        }
    }

    private static func value<Value>(_ result: Result<Value, SlskdError>) throws(SourceError) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let error): throw SourceError(unavailable: error)
        }
    }
}
