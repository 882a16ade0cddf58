import Contracts
import Foundation

extension TransferRun {
    /// A list can be older than the transfer, so only the second list without the transfer proves that it is missing.
    private static let maximumMissing = 2

    /// Follows a transfer to its end, or until a time limit is reached.
    func follow(
        _ found: Found, _ feed: inout Feed, after moment: ContinuousClock.Instant, _ arrival: TransferArrival
    ) async throws -> TransferResult {
        var found = found
        followed(found)
        let began = ContinuousClock.now
        let queued = order.since.map { Timestamp.now.since($0) } ?? .zero
        var clocks = TransferClocks(
            source.settings, hasAlternatives: order.hasAlternatives, queued: max(.zero, queued), now: began)
        var missing = 0
        var failingSince: ContinuousClock.Instant?
        var restartedSince: ContinuousClock.Instant?
        var hasRequestedPlace = false
        if found.transfer.state.isEnded, !found.wasCutOff {
            let verdict = judge(found, &clocks)
            if verdict != .wait, let result = try await result(of: found, verdict, arrival) { return result }
        }
        while let update = await feed.next() {
            guard update.requestedAt > moment else { continue }
            guard case .transfers(let transfers) = update.content else {
                try endWhenUnavailable(update.content, since: &failingSince)
                continue
            }
            failingSince = nil
            guard let next = successor(of: found, among: transfers) else {
                missing += 1
                if missing >= Self.maximumMissing { return try await vanished(found, among: transfers, arrival) }
                continue
            }
            missing = 0
            if next.transfer.id != found.transfer.id { followed(next) }
            found = next
            if found.wasCutOff {
                restartedSince = restartedSince ?? .now
                if let since = restartedSince, .now - since > source.settings.absence { try await dropCutOff(found) }
                continue
            }
            restartedSince = nil
            reportState(of: found)
            if !hasRequestedPlace, mayRequestPlace(found) {
                hasRequestedPlace = true
                await requestPlace(found)
            }
            let verdict = judge(found, &clocks)
            if verdict != .wait, let result = try await result(of: found, verdict, arrival) { return result }
            if clocks.isQueued, .now - began > order.patience { return .pending(queueReason(found)) }
        }
        throw CancellationError()
    }

    // Each of a thousand jobs holds the frame of the function above. So each step for an update is a function of its own,
    // and asynchronous functions are called only when they have something to do.

    @inline(never)
    private func judge(_ found: Found, _ clocks: inout TransferClocks) -> TransferClocks.Verdict {
        let transfer = found.transfer
        return clocks.judge(
            transfer.state, bytes: transfer.bytesTransferred, attempts: transfer.attempts, now: .now)
    }

    private func result(
        of found: Found, _ verdict: TransferClocks.Verdict, _ arrival: TransferArrival
    ) async throws -> TransferResult? {
        switch verdict {
        case .wait: return nil
        case .ended(.succeeded): return .acquired(try await collect(found, arrival))
        case .ended(let ending): try await fail(found, TransferFailure(ending, found.transfer.exception))
        case .stalled:
            report(.stalled)
            try await fail(found, .stalled)
        case .neverStarted: try await fail(found, .noAnswer)
        case .queuedTooLong:
            let explanation = "the transfer was in the queue for too long"
            if let unavailable = try await unavailability(explanation) {
                throw Pause(result: .sourceUnavailable(unavailable, isLost: false))
            }
            try await fail(found, code: .timedOut, explanation)
        }
        return nil
    }

    @inline(never)
    private func reportState(of found: Found) {
        let transfer = found.transfer
        switch transfer.state {
        case .queuedRemotely: report(.queued(place: transfer.placeInQueue))
        case .inProgress where transfer.bytesTransferred > 0:
            report(.progress(TransferProgress(transferred: transfer.bytesTransferred, total: order.candidate.size)))
        default: break
        }
    }

    /// slskd has the place in a queue only after a request to the peer. The request is sent once each time that a
    /// transfer is followed, and at most once a second for all transfers.
    private func mayRequestPlace(_ found: Found) -> Bool {
        found.transfer.state == .queuedRemotely && source.mayRequestPlace()
    }

    private func requestPlace(_ found: Found) async {
        // The peer may not respond. The place is only information for people.
        _ = try? await source.client.position(of: found.transfer.id, from: user)
    }

    @inline(never)
    private func queueReason(_ found: Found) -> String {
        let transfer = found.transfer
        guard transfer.state == .queuedRemotely else { return "the transfer waits for slskd" }
        guard let place = transfer.placeInQueue else { return "the transfer is in the peer's queue" }
        return "the transfer is in the peer's queue, at place \(place)"
    }

    private func endWhenUnavailable(
        _ content: DownloadsPoller.Update.Content, since: inout ContinuousClock.Instant?
    ) throws {
        guard case .failed(let error) = content else { return }
        let first = since ?? .now
        since = first
        let mayRecover = ![.unauthorised, .forbidden].contains(error.meaning)
        guard mayRecover, .now - first < source.settings.absence else {
            throw Pause(result: .sourceUnavailable(SourceError(unavailable: error), isLost: false))
        }
    }

    /// Returns the present state of the transfer. After slskd's restart this is the transfer that replaced it.
    @inline(never)
    private func successor(of found: Found, among transfers: [SlskdTransfer]) -> Found? {
        let same = transfers.last { $0.id == found.transfer.id }
        if let same, !found.with(same).wasCutOff { return found.with(same) }
        let next = transfers.last { transfer in
            transfer.id != found.transfer.id && !transfer.state.isEnded && transfer.size == order.candidate.size
                && (transfer.batchID == nil || transfer.batchID == found.transfer.batchID)
        }
        if let next {
            return Found(transfer: next, destination: next.batchID == nil ? nil : found.destination)
        }
        return same.map(found.with)
    }

    /// Ends a transfer that slskd's restart interrupted, so that the file is ordered again. slskd resumes such transfers
    /// itself once it is logged in.
    private func dropCutOff(_ found: Found) async throws {
        let reason = "slskd was restarted and did not resume the transfer"
        if let unavailable = try await unavailability(reason) {
            throw Pause(result: .sourceUnavailable(unavailable, isLost: false))
        }
        try await end(found)
        throw Lost(reason: reason, wasCutOff: true)
    }

    /// Ends a transfer that failed while no process followed it. The cause may have been slskd's network, so the failure
    /// does not count against the peer.
    func drop(_ found: Found) async throws {
        try await end(found)
        throw Lost(reason: "the transfer failed while no process followed it")
    }

    /// Handles a transfer that was removed from slskd's lists, or that slskd no longer has.
    private func vanished(
        _ found: Found, among transfers: [SlskdTransfer], _ arrival: TransferArrival
    ) async throws -> TransferResult {
        let record = try await slskd { try await $0.download(found.transfer.id, from: user) }
        guard let record else {
            if let destination = found.destination, try await present(destination) != nil {
                return .acquired(try await collect(found, arrival))
            }
            throw Lost(reason: "slskd no longer has the transfer")
        }
        switch record.state {
        case .completed(.succeeded): return .acquired(try await collect(found.with(record), arrival))
        case .completed(let ending):
            let failure = TransferFailure(ending, record.exception)
            if failure == .restarted { return try await inherited(found.with(record), among: transfers, arrival) }
            try await fail(found.with(record), failure)
            throw Lost(reason: "the transfer failed")
        default:
            try await end(found.with(record))
            throw Lost(reason: "another client removed the transfer")
        }
    }

    /// Handles a transfer that slskd resumed after its restart and that ended before the next poll.
    private func inherited(
        _ found: Found, among transfers: [SlskdTransfer], _ arrival: TransferArrival
    ) async throws -> TransferResult {
        guard let heir = heir(of: found, among: transfers), case .completed(let ending) = heir.transfer.state else {
            throw Lost(reason: "slskd was restarted", wasCutOff: true)
        }
        followed(heir)
        if ending == .succeeded { return .acquired(try await collect(heir, arrival)) }
        try await fail(heir, TransferFailure(ending, heir.transfer.exception))
        throw Lost(reason: "the transfer failed")
    }

    func present(_ destination: String) async throws -> String? {
        let (files, size) = (source.files, order.candidate.size)
        return try await blocking { files.file(in: destination, size: size) }
    }

    /// Sends a request to slskd whose failure means that slskd is unavailable.
    func slskd<Value>(_ request: (SlskdClient) async throws -> Value) async throws -> Value {
        do {
            return try await request(source.client)
        } catch let error as SlskdError {
            throw Pause(result: .sourceUnavailable(SourceError(unavailable: error), isLost: false))
        }
    }
}

extension TransferRun.Found {
    func with(_ transfer: SlskdTransfer) -> TransferRun.Found {
        TransferRun.Found(transfer: transfer, destination: destination)
    }

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
}
