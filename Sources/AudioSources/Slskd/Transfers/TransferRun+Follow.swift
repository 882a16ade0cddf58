import Contracts
import Foundation

extension TransferRun {
    /// A list can be older than what it tells: one without the transfer proves nothing, the second one does.
    private static let mostMissing = 2

    /// Follows a transfer to its end, or to where it is better to do something else.
    func follow(
        _ found: Found, _ feed: inout Feed, after moment: ContinuousClock.Instant, _ arrival: TransferArrival
    ) async throws -> TransferResult {
        var found = found
        note(found)
        let began = ContinuousClock.now
        let queued = order.since.map { Timestamp.now.since($0) } ?? .zero
        var clocks = TransferClocks(
            source.settings, hasAlternatives: order.hasAlternatives, queued: max(.zero, queued), now: began)
        var missing = 0
        var awaySince: ContinuousClock.Instant?
        var restartedSince: ContinuousClock.Instant?
        var hasAsked = false
        if found.transfer.state.isEnded, !found.wasCutOff {
            let verdict = judge(found, &clocks)
            if verdict != .goOn, let result = try await settled(found, verdict, arrival) { return result }
        }
        while let news = await feed.next() {
            guard news.asked > moment else { continue }
            guard case .transfers(let transfers) = news.content else {
                try endWhenAway(news.content, since: &awaySince)
                continue
            }
            awaySince = nil
            guard let next = successor(of: found, among: transfers) else {
                missing += 1
                if missing >= Self.mostMissing { return try await vanished(found, among: transfers, arrival) }
                continue
            }
            missing = 0
            if next.transfer.id != found.transfer.id { note(next) }
            found = next
            if found.wasCutOff {
                restartedSince = restartedSince ?? .now
                if let since = restartedSince, .now - since > source.settings.absence { try await dropCutOff(found) }
                continue
            }
            restartedSince = nil
            tell(found)
            if !hasAsked, mayAskForPlace(found) {
                hasAsked = true
                await askForPlace(found)
            }
            let verdict = judge(found, &clocks)
            if verdict != .goOn, let result = try await settled(found, verdict, arrival) { return result }
            if clocks.isQueued, .now - began > order.patience { return .pending(queueReason(found)) }
        }
        throw CancellationError()
    }

    // Each of a thousand jobs holds the frame of the function above. What each look at a transfer needs is in functions of
    // its own, and those that wait for something are called only when there is something to do.

    @inline(never)
    private func judge(_ found: Found, _ clocks: inout TransferClocks) -> TransferClocks.Verdict {
        let transfer = found.transfer
        return clocks.judge(
            transfer.state, bytes: transfer.bytesTransferred, attempts: transfer.attempts, now: .now)
    }

    private func settled(
        _ found: Found, _ verdict: TransferClocks.Verdict, _ arrival: TransferArrival
    ) async throws -> TransferResult? {
        switch verdict {
        case .goOn: return nil
        case .ended(.succeeded): return .acquired(try await collect(found, arrival))
        case .ended(let ending): try await giveUp(found, TransferFailure(ending, found.transfer.exception))
        case .stalled:
            report(.stalled)
            try await giveUp(found, .stalled)
        case .neverStarted: try await giveUp(found, .noAnswer)
        case .queuedTooLong:
            let words = "it stood in the queue for too long"
            if let away = try await absence(words) { throw Pause(result: .sourceUnavailable(away, isLost: false)) }
            try await giveUp(found, code: .timedOut, words)
        }
        return nil
    }

    @inline(never)
    private func tell(_ found: Found) {
        let transfer = found.transfer
        switch transfer.state {
        case .queuedRemotely: report(.queued(place: transfer.placeInQueue))
        case .inProgress where transfer.bytesTransferred > 0:
            report(.progress(TransferProgress(transferred: transfer.bytesTransferred, total: order.candidate.size)))
        default: break
        }
    }

    /// slskd tells the place in a queue only after it has asked the peer: once each time that a transfer is followed, and
    /// once a second for all of them.
    private func mayAskForPlace(_ found: Found) -> Bool {
        found.transfer.state == .queuedRemotely && source.mayAskForPlace()
    }

    private func askForPlace(_ found: Found) async {
        // The peer may not say, and nobody waits for it.
        _ = try? await source.client.position(of: found.transfer.id, from: user)
    }

    @inline(never)
    private func queueReason(_ found: Found) -> String {
        let transfer = found.transfer
        guard transfer.state == .queuedRemotely else { return "the transfer waits for slskd" }
        guard let place = transfer.placeInQueue else { return "the transfer is in the peer's queue" }
        return "the transfer is in the peer's queue, at place \(place)"
    }

    private func endWhenAway(
        _ content: DownloadsPoller.News.Content, since: inout ContinuousClock.Instant?
    ) throws {
        guard case .away(let error) = content else { return }
        let first = since ?? .now
        since = first
        let mayBear = ![.unauthorised, .forbidden].contains(error.meaning)
        guard mayBear, .now - first < source.settings.absence else {
            throw Pause(result: .sourceUnavailable(SourceError(away: error), isLost: false))
        }
    }

    /// The transfer as it is now; after slskd's restart the one that took its place.
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

    /// slskd takes up what its restart cut off once it is logged in; when it is and has not, the file is ordered anew.
    private func dropCutOff(_ found: Found) async throws {
        let reason = "slskd was restarted and has not taken it up again"
        if let away = try await absence(reason) { throw Pause(result: .sourceUnavailable(away, isLost: false)) }
        try await end(found)
        throw Lost(reason: reason, wasCutOff: true)
    }

    /// What ended while nobody looked may have ended with slskd's network: that is not held against the peer.
    func drop(_ found: Found) async throws {
        try await end(found)
        throw Lost(reason: "it failed while nobody followed it")
    }

    /// Somebody took the transfer from slskd's lists, or slskd forgot it.
    private func vanished(
        _ found: Found, among transfers: [SlskdTransfer], _ arrival: TransferArrival
    ) async throws -> TransferResult {
        let record = try await slskd { try await $0.download(found.transfer.id, from: user) }
        guard let record else {
            if let destination = found.destination, try await present(destination) != nil {
                return .acquired(try await collect(found, arrival))
            }
            throw Lost(reason: "slskd has forgotten it")
        }
        switch record.state {
        case .completed(.succeeded): return .acquired(try await collect(found.with(record), arrival))
        case .completed(let ending):
            let failure = TransferFailure(ending, record.exception)
            if failure == .restarted { return try await inherited(found.with(record), among: transfers, arrival) }
            try await giveUp(found.with(record), failure)
            throw Lost(reason: "it was given up")
        default:
            try await end(found.with(record))
            throw Lost(reason: "somebody removed it")
        }
    }

    /// slskd took it up again after its restart and came to its end before anybody looked.
    private func inherited(
        _ found: Found, among transfers: [SlskdTransfer], _ arrival: TransferArrival
    ) async throws -> TransferResult {
        guard let heir = heir(of: found, among: transfers), case .completed(let ending) = heir.transfer.state else {
            throw Lost(reason: "slskd was restarted", wasCutOff: true)
        }
        note(heir)
        if ending == .succeeded { return .acquired(try await collect(heir, arrival)) }
        try await giveUp(heir, TransferFailure(ending, heir.transfer.exception))
        throw Lost(reason: "it was given up")
    }

    func present(_ destination: String) async throws -> String? {
        let (files, size) = (source.files, order.candidate.size)
        return try await blocking { files.file(in: destination, size: size) }
    }

    /// Asks slskd something whose failure is slskd's own.
    func slskd<Value>(_ ask: (SlskdClient) async throws -> Value) async throws -> Value {
        do {
            return try await ask(source.client)
        } catch let error as SlskdError {
            throw Pause(result: .sourceUnavailable(SourceError(away: error), isLost: false))
        }
    }
}

extension TransferRun.Found {
    func with(_ transfer: SlskdTransfer) -> TransferRun.Found {
        TransferRun.Found(transfer: transfer, destination: destination)
    }

    /// It failed in a way for which slskd may be the reason, and slskd does not try it again.
    var hasEndedUnseen: Bool {
        guard case .completed(let ending) = transfer.state, ending != .succeeded, !wasCutOff else { return false }
        return TransferFailure(ending, transfer.exception).mayBeSlskds
            && !TransferClocks.mayFollow(ending, attempts: transfer.attempts)
    }

    /// It ended because slskd did: it will come back under another id.
    var wasCutOff: Bool {
        guard case .completed(let ending) = transfer.state, ending != .succeeded else { return false }
        return TransferFailure(ending, transfer.exception) == .restarted
    }
}
