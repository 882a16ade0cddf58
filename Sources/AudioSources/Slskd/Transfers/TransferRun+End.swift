import Contracts
import Foundation

extension TransferRun {
    // MARK: - Success

    /// Waits until slskd has moved the file of a succeeded transfer to its final path, and brings it into the job's folder.
    func collect(_ found: Found, _ arrival: TransferArrival) async throws -> AcquiredFile {
        let began = ContinuousClock.now
        var found = found
        while true {
            if let path = try await path(of: found) {
                let file = try await bring(path, found, arrival)
                try await remove(found)
                return file
            }
            let waited = ContinuousClock.now - began
            if waited > source.settings.placing || hasNotBeenMoved(found.transfer) && waited > .seconds(3) {
                try await fail(found, .disk)
            }
            if waited > .seconds(2), let record = try await record(of: found) { found = found.with(record) }
            try await Task.sleep(for: waited < .seconds(2) ? .milliseconds(200) : .seconds(1))
        }
    }

    /// Reads the transfer again, because slskd records a failed move later.
    private func record(of found: Found) async throws -> SlskdTransfer? {
        try await slskd { try await $0.download(found.transfer.id, from: user) }
    }

    /// Brings the file into the job's folder. A problem with the file ends the transfer. After a problem with the local
    /// disk the file stays at slskd for the next attempt.
    private func bring(_ path: String, _ found: Found, _ arrival: TransferArrival) async throws -> AcquiredFile {
        do {
            return try await arrival.bring(path)
        } catch let error as SourceError where [.changed, .gone, .refused, .unreadable].contains(error.code) {
            try await end(found)
            throw error
        }
    }

    /// Whether slskd reports a failed move. The text can be from an earlier attempt, so the caller waits a while.
    private func hasNotBeenMoved(_ transfer: SlskdTransfer) -> Bool {
        [.disk, .diskFull].contains(TransferFailure(transfer.exception ?? ""))
    }

    /// Returns the path of the file: in the transfer's own folder, else from slskd's events; `nil` when there is none yet.
    func path(of found: Found) async throws -> String? {
        if let destination = found.destination, let path = try await present(destination) { return path }
        let events = source.events
        guard let named = try await slskd({ _ in try await events.path(of: found.transfer) }) else { return nil }
        let (files, size) = (source.files, order.candidate.size)
        return try await blocking { files.file(named: named, size: size) }
    }

    // MARK: - Failure

    /// Ends the transfer and throws the candidate's failure, unless slskd itself is unavailable.
    func fail(_ found: Found, _ failure: TransferFailure) async throws {
        if failure.mayBeSlskds, let error = try await unavailability(failure.explanation) {
            throw Pause(result: .sourceUnavailable(error, isLost: true))
        }
        try await fail(found, code: failure.sourceCode, failure.explanation)
    }

    func fail(_ found: Found, code: SourceError.Code, _ explanation: String) async throws {
        try await end(found)
        throw SourceError(code, "\(user.prefix(60).debugDescription): \(explanation)")
    }

    /// Cancels a running transfer and slskd's own further attempts, and removes it and its files from slskd.
    func end(_ found: Found) async throws {
        let isGone = try await slskd { try await $0.remove(found.transfer.id, from: user) }
        if !isGone {
            source.logger.warning("cannot remove an ended transfer from slskd's lists; a later sweep removes it")
        }
        try await clear(found.destination)
    }

    /// Removes the record of a succeeded transfer.
    private func remove(_ found: Found) async throws {
        do {
            _ = try await source.client.remove(found.transfer.id, from: user)
        } catch let error as SlskdError {
            source.logger.info("a finished transfer stays in slskd's lists", metadata: ["reason": "\(error)"])
        }
        try await clear(found.destination)
    }

    /// Removes the record and folder that a process left when it was killed just after a success.
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
    /// The code of the candidate's error.
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

    /// Whether a lost network or a stop of slskd can cause the same failure.
    var mayBeSlskds: Bool {
        [
            .peerGaveUp, .noAnswer, .stalled, .restarted, .notLoggedIn, .peerUnreachable, .peerOffline, .cancelled,
            .unknown,
        ].contains(self)
    }

    /// The failure in words, for people.
    var explanation: String {
        switch self {
        case .peerOffline: "the peer is offline"
        case .peerUnreachable: "the peer cannot be reached"
        case .notLoggedIn: "slskd is not logged in"
        case .notShared: "the peer no longer shares the file"
        case .quota: "the peer's limit for one user is reached"
        case .banned: "the peer uploads nothing to this user"
        case .refused: "the peer refused the transfer"
        case .sizeChanged: "the file has another size than the offer"
        case .noAnswer: "the peer does not respond"
        case .stalled: "the transfer stalled"
        case .peerGaveUp: "the connection to the peer was lost, or the peer ended the transfer"
        case .cancelled: "another client cancelled the transfer"
        case .restarted: "slskd was shut down"
        case .diskFull: "slskd's disk is full; free some space"
        case .disk: "slskd could not move the file, or it is not in SLSKD_DOWNLOADS_DIR; check both folders"
        case .unknown: "the transfer failed"
        }
    }
}
