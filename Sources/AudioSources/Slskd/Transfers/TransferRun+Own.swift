import Contracts
import Foundation

/// Finds the transfers at slskd that belong to an order.
extension TransferRun {
    /// Returns the order's own transfer, including one of an earlier round of the job.
    func own(_ identity: TransferIdentity, among transfers: [SlskdTransfer]) async throws -> Found? {
        let latest = latest(identity, among: transfers)
        if let latest, !latest.transfer.state.isEnded { return latest }
        let others = others(than: identity, among: transfers)
        guard !others.isEmpty else { return latest }
        return try await own(among: others) ?? latest
    }

    /// Returns the transfer with the order's id: the last running one, else the last one.
    private func latest(_ identity: TransferIdentity, among transfers: [SlskdTransfer]) -> Found? {
        let ours = transfers.filter { $0.batchID == identity.batchID }
        return (ours.last { !$0.state.isEnded } ?? ours.last).map {
            Found(transfer: $0, destination: identity.destination)
        }
    }

    /// Returns a transfer that has another id or none, and still belongs to the job.
    private func own(among others: [SlskdTransfer]) async throws -> Found? {
        for transfer in others where !transfer.state.isEnded {
            if let found = try await adopted(transfer) { return found }
        }
        for transfer in others where transfer.state == .completed(.succeeded) {
            if let found = try await finished(transfer), try await path(of: found) != nil { return found }
        }
        return nil
    }

    /// Removes the job's failed transfers of earlier rounds, so that slskd does not repeat them beside a new order.
    func endFailed(besides identity: TransferIdentity, among transfers: [SlskdTransfer]) async throws {
        for transfer in others(than: identity, among: transfers)
        where transfer.state.isEnded && transfer.state != .completed(.succeeded) {
            if let found = try await finished(transfer) { try await end(found) }
        }
    }

    private func others(than identity: TransferIdentity, among transfers: [SlskdTransfer]) -> [SlskdTransfer] {
        transfers.filter { $0.batchID != identity.batchID && $0.size == order.candidate.size }
    }

    /// Returns a running transfer without the order's id that belongs to the job: one of an earlier round, or one that
    /// slskd resumed after its restart without the batch. When slskd does not support batches, every transfer of the file
    /// counts as the job's.
    private func adopted(_ transfer: SlskdTransfer) async throws -> Found? {
        if let id = transfer.batchID { return try await sibling(transfer, of: id) }
        let version = try await slskd { try await $0.version() }
        let isOurs =
            if let version, version >= .batches { try await hasOrdered { _ in true } } else { true }
        return isOurs ? Found(transfer: transfer, destination: nil) : nil
    }

    /// Returns an ended transfer that belongs to the job. Without a batch this is certain only when slskd's restart
    /// interrupted a transfer of the job. Files of other clients must not be moved.
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

    /// Whether slskd has a matching transfer for this order or for the same file in an earlier round.
    private func hasOrdered(_ matches: (SlskdTransfer) -> Bool) async throws -> Bool {
        for round in [order.round] + order.earlierRounds {
            for number in 0..<Self.maximumOrders {
                let identity = TransferIdentity(order.candidate, job: order.job, round: round, number: number)
                // Orders are numbered without gaps.
                guard let batch = try await slskd({ try await $0.batch(identity.batchID) }) else { break }
                if batch.transfers.contains(where: { $0.isOf(order.candidate.path) && matches($0) }) { return true }
            }
        }
        return false
    }

    /// Returns the transfer that slskd resumed after its restart and that has ended since.
    func heir(of found: Found, among transfers: [SlskdTransfer]) -> Found? {
        guard let ended = found.transfer.endedAt else { return nil }
        let heir = transfers.last { transfer in
            transfer.id != found.transfer.id && transfer.batchID == nil && transfer.size == order.candidate.size
                && transfer.state.isEnded && transfer.requestedAt.map { $0 >= ended } ?? false
        }
        return heir.map { Found(transfer: $0, destination: nil) }
    }
}
