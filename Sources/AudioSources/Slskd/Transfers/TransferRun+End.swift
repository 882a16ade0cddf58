import Contracts
import Foundation

extension TransferRun {
    // MARK: - Success

    /// Takes the file of a transfer that has succeeded, when slskd has put it in its place.
    func collect(_ found: Found, _ arrival: TransferArrival) async throws -> AcquiredFile {
        let began = ContinuousClock.now
        var found = found
        while true {
            if let path = try await place(of: found) {
                let file = try await bring(path, found, arrival)
                try await remove(found)
                return file
            }
            let waited = ContinuousClock.now - began
            if waited > source.settings.placing || hasNotBeenMoved(found.transfer) && waited > .seconds(3) {
                try await giveUp(found, .disk)
            }
            if waited > .seconds(2), let record = try await record(of: found) { found = found.with(record) }
            try await Task.sleep(for: waited < .seconds(2) ? .milliseconds(200) : .seconds(1))
        }
    }

    /// The record says later that the file could not be moved.
    private func record(of found: Found) async throws -> SlskdTransfer? {
        try await slskd { try await $0.download(found.transfer.id, from: user) }
    }

    /// What is wrong with the file ends the transfer. What is wrong with our disk does not: the file stays for later.
    private func bring(_ path: String, _ found: Found, _ arrival: TransferArrival) async throws -> AcquiredFile {
        do {
            return try await arrival.bring(path)
        } catch let error as SourceError where [.changed, .gone, .refused, .unreadable].contains(error.code) {
            try await end(found)
            throw error
        }
    }

    /// The text may be left over from an attempt before, so it is believed only after a while.
    private func hasNotBeenMoved(_ transfer: SlskdTransfer) -> Bool {
        [.disk, .diskFull].contains(TransferFailure(transfer.exception ?? ""))
    }

    /// Where the file is: in the transfer's own folder, else where slskd says.
    func place(of found: Found) async throws -> String? {
        if let destination = found.destination, let path = try await present(destination) { return path }
        let events = source.events
        guard let named = try await slskd({ _ in try await events.path(of: found.transfer) }) else { return nil }
        let (files, size) = (source.files, order.candidate.size)
        return try await blocking { files.file(named: named, size: size) }
    }

    // MARK: - Failure

    /// Ends the transfer for good and says why, unless slskd is the one that failed.
    func giveUp(_ found: Found, _ failure: TransferFailure) async throws {
        if failure.mayBeSlskds, let away = try await absence(failure.words) {
            throw Pause(result: .sourceUnavailable(away, isLost: true))
        }
        try await giveUp(found, code: failure.sourceCode, failure.words)
    }

    func giveUp(_ found: Found, code: SourceError.Code, _ words: String) async throws {
        try await end(found)
        throw SourceError(code, "\(user.prefix(60).debugDescription): \(words)")
    }

    /// Cancels it where it runs, stops slskd's own further attempts, takes it from the lists, and removes what it left.
    func end(_ found: Found) async throws {
        let isGone = try await slskd { try await $0.remove(found.transfer.id, from: user) }
        if !isGone { source.logger.warning("a transfer that was given up is still in slskd's lists") }
        try await clear(found.destination)
    }

    /// After a success: the record serves nobody any more.
    private func remove(_ found: Found) async throws {
        do {
            _ = try await source.client.remove(found.transfer.id, from: user)
        } catch let error as SlskdError {
            source.logger.info("a finished transfer stays in slskd's lists", metadata: ["reason": "\(error)"])
        }
        try await clear(found.destination)
    }

    /// What a process that died just after its success left undone.
    func tidy(_ identity: TransferIdentity) async throws {
        do {
            if let transfer = try await source.client.batch(identity.batchID)?.transfers.last, !transfer.isRemoved {
                _ = try await source.client.remove(transfer.id, from: user)
            }
        } catch let error as SlskdError {
            source.logger.info("a finished transfer stays in slskd's lists", metadata: ["reason": "\(error)"])
        }
        try await clear(identity.destination)
    }

    private func clear(_ destination: String?) async throws {
        guard let destination else { return }
        let files = source.files
        try await blocking { files.clear(destination) }
    }
}

extension TransferFailure {
    /// What the failure means for the candidate.
    var sourceCode: SourceError.Code {
        switch self {
        case .diskFull: .diskFull
        case .sizeChanged: .changed
        case .notShared: .gone
        case .noAnswer, .stalled: .timedOut
        case .disk: .unreadable
        default: .refused
        }
    }

    /// It would look the same if slskd had lost the network or had been stopped.
    var mayBeSlskds: Bool {
        [
            .peerGaveUp, .noAnswer, .stalled, .restarted, .notLoggedIn, .peerUnreachable, .peerOffline, .cancelled,
            .unknown,
        ].contains(self)
    }

    /// For a person.
    var words: String {
        switch self {
        case .peerOffline: "the peer is offline"
        case .peerUnreachable: "the peer cannot be reached"
        case .notLoggedIn: "slskd is not logged in"
        case .notShared: "the peer does not share the file any more"
        case .quota: "the peer's limit for one user is reached"
        case .banned: "the peer hands out nothing to this user"
        case .refused: "the peer refused"
        case .sizeChanged: "the file has another size than it was offered with"
        case .noAnswer: "the peer does not answer"
        case .stalled: "no more bytes came"
        case .peerGaveUp: "the connection to the peer broke, or the peer gave up"
        case .cancelled: "somebody cancelled it"
        case .restarted: "slskd was shut down"
        case .diskFull: "slskd's disk is full"
        case .disk: "slskd could not put the file in its place, or it is not in SLSKD_DOWNLOADS_DIR"
        case .unknown: "the transfer failed"
        }
    }
}
