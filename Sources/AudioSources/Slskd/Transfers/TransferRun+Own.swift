import Contracts
import Foundation

/// Which of slskd's transfers of a file belong to an order.
extension TransferRun {
    /// The order's own transfer, one of an earlier round of the job included.
    func own(_ identity: TransferIdentity, among transfers: [SlskdTransfer]) async throws -> Found? {
        let latest = latest(identity, among: transfers)
        if let latest, !latest.transfer.state.isEnded { return latest }
        let others = others(than: identity, among: transfers)
        guard !others.isEmpty else { return latest }
        return try await own(among: others) ?? latest
    }

    /// The transfer that bears the order's id: the last that goes on, else the last.
    private func latest(_ identity: TransferIdentity, among transfers: [SlskdTransfer]) -> Found? {
        let ours = transfers.filter { $0.batchID == identity.batchID }
        return (ours.last { !$0.state.isEnded } ?? ours.last).map {
            Found(transfer: $0, destination: identity.destination)
        }
    }

    /// One that bears another id, or none, and belongs to the job all the same.
    private func own(among others: [SlskdTransfer]) async throws -> Found? {
        for transfer in others where !transfer.state.isEnded {
            if let found = try await adopted(transfer) { return found }
        }
        for transfer in others where transfer.state == .completed(.succeeded) {
            if let found = try await finished(transfer), try await place(of: found) != nil { return found }
        }
        return nil
    }

    /// Takes transfers of the job that failed in an earlier round from slskd's lists: slskd must not try them again
    /// beside a new order.
    func endFailed(besides identity: TransferIdentity, among transfers: [SlskdTransfer]) async throws {
        for transfer in others(than: identity, among: transfers)
        where transfer.state.isEnded && transfer.state != .completed(.succeeded) {
            if let found = try await finished(transfer) { try await end(found) }
        }
    }

    private func others(than identity: TransferIdentity, among transfers: [SlskdTransfer]) -> [SlskdTransfer] {
        transfers.filter { $0.batchID != identity.batchID && $0.size == order.candidate.size }
    }

    /// A transfer without our id that goes on and is ours all the same: of an earlier round, or ordered anew by slskd
    /// after its restart, which forgets the batch. Where slskd knows no batches, any transfer of the file is taken for
    /// ours.
    private func adopted(_ transfer: SlskdTransfer) async throws -> Found? {
        if let id = transfer.batchID { return try await sibling(transfer, of: id) }
        let version = try await slskd { try await $0.version() }
        let isOurs =
            if let version, version >= .batches { try await hasOrdered { _ in true } } else { true }
        return isOurs ? Found(transfer: transfer, destination: nil) : nil
    }

    /// The same for one that has ended: that it is ours is certain only when slskd's restart cut off ours. A file that
    /// somebody else fetched must stay where it is.
    private func finished(_ transfer: SlskdTransfer) async throws -> Found? {
        if let id = transfer.batchID { return try await sibling(transfer, of: id) }
        guard let requested = transfer.requestedAt else { return nil }
        let isOurs = try await hasOrdered { old in
            Found(transfer: old, destination: nil).wasCutOff && old.endedAt.map { $0 <= requested } ?? false
        }
        return isOurs ? Found(transfer: transfer, destination: nil) : nil
    }

    private func sibling(_ transfer: SlskdTransfer, of batch: UUID) async throws -> Found? {
        let destination = try await slskd { try await $0.batch(batch)?.destination }
        guard let destination, destination.hasPrefix("hdm/\(order.job)/") else { return nil }
        return Found(transfer: transfer, destination: destination)
    }

    /// Whether slskd has made a transfer like that for this order, or for the same in an earlier round.
    private func hasOrdered(_ isMeant: (SlskdTransfer) -> Bool) async throws -> Bool {
        for round in [order.round] + order.earlierRounds {
            for number in 0..<Self.mostOrders {
                let identity = TransferIdentity(order.candidate, job: order.job, round: round, number: number)
                // Orders are numbered without gaps.
                guard let batch = try await slskd({ try await $0.batch(identity.batchID) }) else { break }
                if batch.transfers.contains(where: { $0.isOf(order.candidate.path) && isMeant($0) }) { return true }
            }
        }
        return false
    }

    /// What slskd ordered anew after its restart and has ended since.
    func heir(of found: Found, among transfers: [SlskdTransfer]) -> Found? {
        guard let ended = found.transfer.endedAt else { return nil }
        let heir = transfers.last { transfer in
            transfer.id != found.transfer.id && transfer.batchID == nil && transfer.size == order.candidate.size
                && transfer.state.isEnded && transfer.requestedAt.map { $0 >= ended } ?? false
        }
        return heir.map { Found(transfer: $0, destination: nil) }
    }
}
