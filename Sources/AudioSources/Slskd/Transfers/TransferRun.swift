import Contracts
import Foundation

/// One order on its way: finds the transfer that there is or begins one, follows it, and brings its file in.
final class TransferRun: Sendable {
    let order: TransferOrder
    let source: SlskdFetchSource
    let report: @Sendable (TransferStep) -> Void
    /// Told which transfer is followed.
    let note: @Sendable (Found?) -> Void

    init(
        order: TransferOrder, source: SlskdFetchSource, report: @escaping @Sendable (TransferStep) -> Void,
        note: @escaping @Sendable (Found?) -> Void
    ) {
        self.order = order
        self.source = source
        self.report = report
        self.note = note
    }

    typealias Feed = AsyncStream<DownloadsPoller.News>.Iterator

    /// A transfer that belongs to the order. A reference: all functions that wait for the transfer hold it.
    final class Found: Sendable {
        let transfer: SlskdTransfer
        /// Its own folder; `nil` when slskd chose one.
        let destination: String?

        init(transfer: SlskdTransfer, destination: String?) {
            self.transfer = transfer
            self.destination = destination
        }
    }

    /// What was ordered is not there any more, and that is nobody's fault: order it once more.
    struct Lost: Error {
        let reason: String
        /// It went with slskd's restart.
        var wasCutOff = false
    }

    /// Following ends with this result.
    struct Pause: Error { let result: TransferResult }

    var user: String { order.candidate.user ?? "" }
    static let mostOrders = 3

    func run() async throws -> TransferResult {
        guard order.candidate.user?.isEmpty == false else {
            throw SourceError(.refused, "the candidate names no peer")
        }
        var isRestarting = false
        for number in 0..<Self.mostOrders {
            let identity = TransferIdentity(order.candidate, job: order.job, round: order.round, number: number)
            do {
                return try await fetch(identity)
            } catch let pause as Pause {
                return pause.result
            } catch let lost as Lost {
                note(nil)
                source.logger.debug("a transfer was lost", metadata: ["reason": "\(lost.reason)"])
                if let away = try await absence(lost.reason) { return .sourceUnavailable(away, isLost: true) }
                isRestarting = isRestarting || lost.wasCutOff
            }
        }
        guard !isRestarting else {
            return .sourceUnavailable(
                SourceError(.unavailable, "slskd was restarted and lost the transfer"), isLost: true)
        }
        throw SourceError(.gone, "slskd lost the transfer \(Self.mostOrders) times")
    }

    private func fetch(_ identity: TransferIdentity) async throws -> TransferResult {
        let arrival = TransferArrival(candidate: order.candidate, directory: order.directory, stem: identity.stem)
        try await blocking { try arrival.target.prepare() }
        if let file = try await arrival.earlier() {
            try await tidy(identity)
            return .acquired(file)
        }
        var feed = source.poller.news(of: DownloadsPoller.Key(user, order.candidate.path)).makeAsyncIterator()
        let began = ContinuousClock.now
        let present = try await look(&feed, after: began)
        if let found = try await own(identity, among: present) {
            source.places.force(user)
            defer { source.places.leave(user) }
            if found.hasEndedUnseen { try await drop(found) }
            report(.adopted)
            return try await follow(found, &feed, after: began, arrival)
        }
        if present.contains(where: { !$0.state.isEnded }) { return try othersTransfer() }
        try await endFailed(besides: identity, among: present)
        return try await begin(identity, &feed, arrival)
    }

    private func begin(
        _ identity: TransferIdentity, _ feed: inout Feed, _ arrival: TransferArrival
    ) async throws -> TransferResult {
        guard try await source.places.enter(user, priority: order.priority, within: order.patience) else {
            return .throttled("other transfers come first")
        }
        defer { source.places.leave(user) }
        let found = try await enqueue(identity, &feed)
        report(.ordered)
        return try await follow(found, &feed, after: .now, arrival)
    }

    /// slskd fetches a file from a peer once at a time: somebody else's transfer must end first.
    func othersTransfer() throws -> TransferResult {
        guard !order.hasAlternatives else {
            throw SourceError(.refused, "slskd fetches this file for somebody else at the moment")
        }
        return .throttled("slskd fetches this file for somebody else at the moment")
    }

    // MARK: - Looking

    /// The transfers of the file in the first look after a moment.
    func look(_ feed: inout Feed, after moment: ContinuousClock.Instant) async throws -> [SlskdTransfer] {
        while let news = await feed.next() {
            switch news.content {
            case .transfers(let transfers) where news.asked >= moment: return transfers
            case .away(let error) where news.asked >= moment || .now - moment > source.settings.absence:
                throw Pause(result: .sourceUnavailable(SourceError(away: error), isLost: false))
            default: continue
            }
        }
        throw CancellationError()
    }

    /// Why slskd cannot be used now; `nil` when it can.
    func absence(_ reason: String) async throws -> SourceError? {
        do {
            let state = try await source.client.serverState()
            return state.isReady ? nil : SourceError(.unavailable, "slskd is not logged in: \(reason)")
        } catch is SlskdError {
            return SourceError(.unavailable, "slskd is away: \(reason)")
        }
    }
}

extension SourceError {
    /// slskd itself failed, whatever the candidate.
    init(away error: SlskdError) {
        let code: Code = [.unauthorised, .forbidden].contains(error.meaning) ? .unauthorised : .unavailable
        self.init(code, error.message)
    }
}
