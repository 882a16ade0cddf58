import Contracts

// Waits until slskd has moved the file of a succeeded transfer to its final path, and brings it into the job's folder.
extension TransferMachine {
    struct Collecting: Sendable {
        var found: FoundTransfer
        let began: ContinuousClock.Instant

        init(_ found: FoundTransfer, _ now: ContinuousClock.Instant) {
            self.found = found
            began = now
        }
    }

    mutating func beginCollecting(_ found: FoundTransfer, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        enter(.collecting(Collecting(found, now)), .findFile(found, usesEvents: true))
    }

    mutating func collect(
        _ collecting: Collecting, _ event: TransferEvent, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch event {
        case .file(.failure(let error)), .record(.failure(let error)): finish(unavailable: error)
        case .file(.success(let path?)): [.bring(path, identity)]
        case .file(.success(nil)): awaitFile(collecting, now)
        case .record(.success(let record)): reread(record, collecting)
        case .waited: [.findFile(collecting.found, usesEvents: true)]
        case .brought(.success(let file)):
            enter(.closing(file, destination: collecting.found.destination), .remove(collecting.found.transfer.id))
        case .brought(.failure(let error)): failToBring(error, collecting.found)
        default: []
        }
    }

    private mutating func awaitFile(
        _ collecting: Collecting, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        let (found, waited) = (collecting.found, now - collecting.began)
        if waited > settings.placing || found.hasNotBeenMoved && waited > .seconds(3) { return fail(found, .disk) }
        // slskd records a failed move later.
        return waited > .seconds(2) ? [.readRecord(found.transfer.id)] : [.wait(.milliseconds(200))]
    }

    private mutating func reread(_ record: SlskdTransfer?, _ collecting: Collecting) -> [TransferCommand] {
        var collecting = collecting
        if let record { collecting.found = collecting.found.with(record) }
        return enter(.collecting(collecting), .wait(.seconds(1)))
    }

    /// A problem with the file ends the transfer. After a problem with the local disk the file stays at slskd for the
    /// next attempt.
    private mutating func failToBring(_ error: SourceError, _ found: FoundTransfer) -> [TransferCommand] {
        let isFiles = [.changed, .gone, .refused, .peerAway, .unreadable].contains(error.code)
        return isFiles ? end(found, then: .fail(error)) : fail(error)
    }

    // MARK: - Closing

    /// Removes the record and the folder of a transfer whose file the job has. A failure leaves them to a later sweep.
    mutating func close(_ file: AcquiredFile, _ destination: String?, _ event: TransferEvent) -> [TransferCommand] {
        switch event {
        case .fact(_, .success(.batch(let batch))):
            guard let transfer = batch?.transfers.last, !transfer.isRemoved else {
                return close(file, destination, error: nil)
            }
            return [.remove(transfer.id)]
        case .fact(_, .failure(let error)), .removed(.failure(let error)):
            return close(file, destination, error: error)
        case .removed(.success): return close(file, destination, error: nil)
        default: return []
        }
    }

    private mutating func close(
        _ file: AcquiredFile, _ destination: String?, error: SlskdError?
    ) -> [TransferCommand] {
        let note: [TransferCommand] = error.map { [.log(.staysListed($0.message))] } ?? []
        return note + (destination.map { [.clear($0)] } ?? []) + finish(.acquired(file))
    }
}
