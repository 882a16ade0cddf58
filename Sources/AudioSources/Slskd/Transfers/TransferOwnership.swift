import Contracts
import Foundation

/// Decides which transfers at slskd belong to an order: its own, and those of earlier rounds of its job. A pure function
/// of the list and of answers of slskd.
struct TransferOwnership {
    let order: TransferOrder
    let identity: TransferIdentity
    let facts: TransferFacts

    /// Returns the order's own transfer, including one of an earlier round of the job.
    func own(among transfers: [SlskdTransfer]) -> Known<FoundTransfer?> {
        let latest = latest(among: transfers)
        if let latest, !latest.transfer.state.isEnded { return .value(latest) }
        let others = others(among: transfers)
        let running = others.filter { !$0.state.isEnded }
        let succeeded = others.filter { $0.state == .completed(.succeeded) }
        return running.firstKnown(adopted).flatMap { found in
            if let found { return .value(found) }
            return succeeded.firstKnown(finishedWithFile).map { $0 ?? latest }
        }
    }

    /// Returns the job's failed transfers of earlier rounds. slskd must not repeat them beside a new order.
    func failed(among transfers: [SlskdTransfer]) -> Known<[FoundTransfer]> {
        let failed = others(among: transfers).filter { $0.state.isEnded && $0.state != .completed(.succeeded) }
        return failed.compactMapKnown(finished)
    }

    /// Returns the transfer with the order's id: the last running one, else the last one.
    private func latest(among transfers: [SlskdTransfer]) -> FoundTransfer? {
        let ours = transfers.filter { $0.batchID == identity.batchID }
        return (ours.last { !$0.state.isEnded } ?? ours.last).map {
            FoundTransfer($0, destination: identity.destination)
        }
    }

    private func others(among transfers: [SlskdTransfer]) -> [SlskdTransfer] {
        transfers.filter { $0.batchID != identity.batchID && $0.size == order.candidate.size }
    }

    /// Returns a running transfer without the order's id that belongs to the job: one of an earlier round, or one that
    /// slskd resumed after its restart without the batch. When slskd does not support batches, every transfer of the file
    /// counts as the job's.
    private func adopted(_ transfer: SlskdTransfer) -> Known<FoundTransfer?> {
        if let id = transfer.batchID { return sibling(transfer, of: id) }
        return facts.hasBatches.flatMap { hasBatches in hasBatches ? hasOrdered { _ in true } : .value(true) }
            .map { isOurs in isOurs ? FoundTransfer(transfer, destination: nil) : nil }
    }

    private func finishedWithFile(_ transfer: SlskdTransfer) -> Known<FoundTransfer?> {
        finished(transfer).flatMap { found in
            guard let found else { return .value(nil) }
            return facts.path(of: found).map { path in path == nil ? nil : found }
        }
    }

    /// Returns an ended transfer that belongs to the job. Without a batch this is certain only when slskd's restart
    /// interrupted a transfer of the job. Files of other clients must not be moved.
    private func finished(_ transfer: SlskdTransfer) -> Known<FoundTransfer?> {
        if let id = transfer.batchID { return sibling(transfer, of: id) }
        guard let requested = transfer.requestedAt else { return .value(nil) }
        let isOurs = hasOrdered { old in
            FoundTransfer(old, destination: nil).wasCutOff && old.endedAt.map { $0 <= requested } ?? false
        }
        return isOurs.map { $0 ? FoundTransfer(transfer, destination: nil) : nil }
    }

    private func sibling(_ transfer: SlskdTransfer, of batch: UUID) -> Known<FoundTransfer?> {
        facts.batch(batch).map { batch in
            guard let destination = batch?.destination, destination.hasPrefix("hdm/\(order.job)/") else { return nil }
            return FoundTransfer(transfer, destination: destination)
        }
    }

    /// Whether slskd has a matching transfer for this order or for the same file in an earlier round.
    private func hasOrdered(_ matches: (SlskdTransfer) -> Bool) -> Known<Bool> {
        let found = ([order.round] + order.earlierRounds).firstKnown { round in
            hasOrdered(inRound: round, matches).map { $0 ? true : nil }
        }
        return found.map { $0 ?? false }
    }

    private func hasOrdered(inRound round: String, _ matches: (SlskdTransfer) -> Bool) -> Known<Bool> {
        for number in 0..<TransferMachine.maximumOrders {
            let identity = TransferIdentity(order.candidate, job: order.job, round: round, number: number)
            switch facts.batch(identity.batchID) {
            case .needs(let question): return .needs(question)
            // Orders are numbered without gaps. Later, slskd may have lost the record of one and not that of the next.
            case .value(nil):
                if order.since == nil { return .value(false) }
            case .value(let batch?):
                if batch.transfers.contains(where: { $0.isOf(order.candidate.path) && matches($0) }) {
                    return .value(true)
                }
            }
        }
        return .value(false)
    }
}
