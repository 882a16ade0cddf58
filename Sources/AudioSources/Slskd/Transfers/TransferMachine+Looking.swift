import Contracts

// Finds what earlier runs left: the job's file, or a transfer at slskd.
extension TransferMachine {
    enum Looking: Sendable {
        case starting
        case preparing
        /// Waits for a list of slskd that was requested after a moment.
        case listing(after: ContinuousClock.Instant)
        /// Asks slskd which of the transfers belong to the order.
        case identifying([SlskdTransfer], listedAfter: ContinuousClock.Instant)
        /// Asks slskd which failed transfers belong to earlier rounds of the job.
        case sorting([SlskdTransfer])
    }

    mutating func look(
        _ looking: Looking, _ event: TransferEvent, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch (looking, event) {
        case (.starting, .started): start()
        case (.preparing, .prepared(let earlier)): prepared(earlier, now)
        case (.listing(let moment), .updated(let update)): listed(update, after: moment, now)
        case (.identifying(let transfers, let moment), .fact(let question, let answer)):
            learn(answer, to: question) { $0.identify(transfers, listedAfter: moment, now) }
        case (.sorting(let transfers), .fact(let question, let answer)):
            learn(answer, to: question) { $0.endFailed(among: transfers, now) }
        default: []
        }
    }

    private mutating func start() -> [TransferCommand] {
        guard !user.isEmpty else { return fail(SourceError(.refused, "the candidate has no peer; search again")) }
        return prepare()
    }

    /// Begins with the first or next order.
    mutating func prepare() -> [TransferCommand] { enter(.looking(.preparing), .prepare(identity)) }

    private mutating func prepared(
        _ earlier: Result<AcquiredFile?, SourceError>, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch earlier {
        case .failure(let error): fail(error)
        case .success(let file?):
            enter(.closing(file, destination: identity.destination), .ask(.batch(identity.batchID)))
        case .success(nil): enter(.looking(.listing(after: now)), .subscribe, .nextUpdate)
        }
    }

    private mutating func listed(
        _ update: DownloadsPoller.Update, after moment: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch polled(update, after: moment, now) {
        case .outdated: [.nextUpdate]
        case .failed(let error): finish(unavailable: error)
        case .transfers(let transfers):
            forgettingFacts { $0.identify(transfers, listedAfter: moment, now) }
        }
    }

    private mutating func identify(
        _ transfers: [SlskdTransfer], listedAfter moment: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch ownership.own(among: transfers) {
        case .needs(let question):
            enter(.looking(.identifying(transfers, listedAfter: moment)), .ask(question))
        case .value(let found?): adopt(found, listedAfter: moment, now)
        case .value(nil) where transfers.contains(where: { !$0.state.isEnded }): finishForeign()
        case .value(nil): endFailed(among: transfers, now)
        }
    }

    private mutating func adopt(
        _ found: FoundTransfer, listedAfter moment: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        holdsSlot = true
        guard !found.hasEndedUnseen else {
            // The cause may have been slskd's network, so the failure does not count against the peer.
            return [.forceSlot] + end(found, then: .loseUnseen)
        }
        return [.forceSlot, .report(.adopted)] + beginFollowing(found, after: moment, now)
    }

    private mutating func endFailed(
        among transfers: [SlskdTransfer], _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch ownership.failed(among: transfers) {
        case .needs(let question): enter(.looking(.sorting(transfers)), .ask(question))
        case .value(let failed): proceed(.orderAfter(failed), now)
        }
    }

    private static let foreignPatience = Duration.seconds(600)

    /// Handles a transfer of the same file by another client. slskd transfers a file from a peer only once at a time, so
    /// that transfer must end first. After a restart of slskd it can be the job's own, of which the record is lost, so a job
    /// that ordered the file a short time ago waits even if it has alternatives.
    mutating func finishForeign() -> [TransferCommand] {
        let reason = "slskd is downloading this file for another client"
        let isRecent = order.since.map { began.time.since($0) < max(settings.queue, Self.foreignPatience) } ?? false
        return order.hasAlternatives && !isRecent
            ? fail(SourceError(.inUse, reason))
            : finish(.throttled(reason, wait: .init(.fileBusy, provider: SlskdSource.sourceName)))
    }
}
