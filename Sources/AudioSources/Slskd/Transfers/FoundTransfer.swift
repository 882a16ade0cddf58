import Contracts

/// A transfer at slskd that belongs to an order.
///
/// It is a class so that the state of a run, of which there are thousands, holds one reference.
final class FoundTransfer: Sendable, Equatable {
    let transfer: SlskdTransfer
    /// The transfer's own folder; `nil` when slskd chose the folder.
    let destination: String?

    init(_ transfer: SlskdTransfer, destination: String?) {
        self.transfer = transfer
        self.destination = destination
    }

    static func == (one: FoundTransfer, other: FoundTransfer) -> Bool {
        one === other || one.transfer == other.transfer && one.destination == other.destination
    }

    /// Returns the transfer with a newer record of it.
    func with(_ transfer: SlskdTransfer) -> FoundTransfer { FoundTransfer(transfer, destination: destination) }

    /// Whether slskd may have caused the failure, and will not repeat the transfer.
    var hasEndedUnseen: Bool {
        guard case .completed(let ending) = transfer.state, ending != .succeeded, !wasCutOff else { return false }
        return TransferFailure(ending, transfer.exception).mayBeSlskds
            && !TransferClocks.mayFollow(ending, attempts: transfer.attempts)
    }

    /// Whether a restart of slskd ended the transfer. slskd then resumes it with another id.
    var wasCutOff: Bool {
        guard case .completed(let ending) = transfer.state, ending != .succeeded else { return false }
        return TransferFailure(ending, transfer.exception) == .restarted
    }

    /// Whether slskd reports a failed move. The text can be from an earlier attempt, so the caller waits a while.
    var hasNotBeenMoved: Bool { [.disk, .diskFull].contains(TransferFailure(transfer.exception ?? "")) }

    /// Returns the present state of the transfer. After slskd's restart this is the transfer that replaced it.
    /// - Parameter size: The size of the ordered file.
    func successor(among transfers: [SlskdTransfer], size: Int64) -> FoundTransfer? {
        let same = transfers.last { $0.id == transfer.id }.map(with)
        if let same, !same.wasCutOff { return same }
        let next = transfers.last { other in
            other.id != transfer.id && !other.state.isEnded && other.size == size
                && (other.batchID == nil || other.batchID == transfer.batchID)
        }
        guard let next else { return same }
        return FoundTransfer(next, destination: next.batchID == nil ? nil : destination)
    }

    /// Returns the transfer that slskd resumed after its restart and that has ended since.
    /// - Parameter size: The size of the ordered file.
    func heir(among transfers: [SlskdTransfer], size: Int64) -> FoundTransfer? {
        guard let ended = transfer.endedAt else { return nil }
        let heir = transfers.last { other in
            other.id != transfer.id && other.batchID == nil && other.size == size && other.state.isEnded
                && other.requestedAt.map { $0 >= ended } ?? false
        }
        return heir.map { FoundTransfer($0, destination: nil) }
    }

    /// The result of following a queued transfer for too long.
    var pending: TransferResult {
        let source = SlskdSource.sourceName
        guard transfer.state == .queuedRemotely else {
            return .pending("the transfer waits for slskd", wait: .init(.sourceQueue, provider: source))
        }
        let place = transfer.placeInQueue
        return .pending(
            "the transfer is in the peer's queue" + (place.map { ", at place \($0)" } ?? ""),
            wait: .init(.peerQueue, provider: source, peer: transfer.username, place: place))
    }
}
