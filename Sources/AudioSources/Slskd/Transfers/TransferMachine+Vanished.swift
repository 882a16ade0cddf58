import Contracts

// Handles a transfer that was removed from slskd's lists, or that slskd no longer has.
extension TransferMachine {
    struct Vanished: Sendable {
        let found: FoundTransfer
        /// The list without the transfer.
        let transfers: [SlskdTransfer]
    }

    mutating func search(
        _ vanished: Vanished, _ event: TransferEvent, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch event {
        case .record(.failure(let error)), .file(.failure(let error)): finish(unavailable: error)
        case .record(.success(let record?)): judge(record, vanished, now)
        case .record(.success(nil)) where vanished.found.destination != nil:
            enter(.vanished(vanished), .findFile(vanished.found, usesEvents: false))
        case .file(.success(let path?)): enter(.collecting(Collecting(vanished.found, now)), .bring(path, identity))
        case .record(.success(nil)), .file(.success(nil)):
            proceed(.lose("slskd no longer has the transfer", wasCutOff: false), now)
        default: []
        }
    }

    private mutating func judge(
        _ record: SlskdTransfer, _ vanished: Vanished, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        let found = vanished.found.with(record)
        switch record.state {
        case .completed(.succeeded): return beginCollecting(found, now)
        case .completed where found.wasCutOff: return inherit(found, vanished.transfers, now)
        case .completed(let ending): return fail(found, TransferFailure(ending, record.exception))
        default:
            return end(found, then: .lose("another client removed the transfer", wasCutOff: false))
        }
    }

    /// Continues with the transfer that slskd resumed after its restart and that ended before the next poll.
    private mutating func inherit(
        _ found: FoundTransfer, _ transfers: [SlskdTransfer], _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        guard let heir = found.heir(among: transfers, size: order.candidate.size),
            case .completed(let ending) = heir.transfer.state
        else { return proceed(.lose("slskd was restarted", wasCutOff: true), now) }
        let next =
            ending == .succeeded
            ? beginCollecting(heir, now) : fail(heir, TransferFailure(ending, heir.transfer.exception))
        return [.follow(heir)] + next
    }
}
