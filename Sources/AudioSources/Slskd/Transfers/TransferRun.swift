import Contracts
import Foundation

/// One order in progress: adopts the existing transfer or starts one, follows it, and brings its file into the job's
/// folder.
final class TransferRun: Sendable {
    let order: TransferOrder
    let source: SlskdFetchSource
    let report: @Sendable (TransferStep) -> Void
    /// Called with the transfer that is followed from now on; `nil` for none.
    let followed: @Sendable (Found?) -> Void

    init(
        order: TransferOrder, source: SlskdFetchSource, report: @escaping @Sendable (TransferStep) -> Void,
        followed: @escaping @Sendable (Found?) -> Void
    ) {
        self.order = order
        self.source = source
        self.report = report
        self.followed = followed
    }

    typealias Feed = AsyncStream<DownloadsPoller.Update>.Iterator

    /// A transfer that belongs to the order. It is a class because every function that waits for the transfer holds it.
    final class Found: Sendable {
        let transfer: SlskdTransfer
        /// The transfer's own folder; `nil` when slskd chose the folder.
        let destination: String?

        init(transfer: SlskdTransfer, destination: String?) {
            self.transfer = transfer
            self.destination = destination
        }
    }

    /// slskd lost the transfer. The candidate is not at fault, so the file is ordered again.
    struct Lost: Error {
        let reason: String
        /// slskd's restart interrupted the transfer.
        var wasCutOff = false
    }

    /// Ends the run with a result.
    struct Pause: Error { let result: TransferResult }

    var user: String { order.candidate.user ?? "" }
    static let maximumOrders = 3

    func run() async throws -> TransferResult {
        guard order.candidate.user?.isEmpty == false else {
            throw SourceError(.refused, "the candidate has no peer; search again")
        }
        var isRestarting = false
        for number in 0..<Self.maximumOrders {
            let identity = TransferIdentity(order.candidate, job: order.job, round: order.round, number: number)
            do {
                return try await fetch(identity)
            } catch let pause as Pause {
                return pause.result
            } catch let lost as Lost {
                followed(nil)
                source.logger.debug("slskd lost a transfer", metadata: ["reason": "\(lost.reason)"])
                if let unavailable = try await unavailability(lost.reason) {
                    return .sourceUnavailable(unavailable, isLost: true)
                }
                isRestarting = isRestarting || lost.wasCutOff
            }
        }
        guard !isRestarting else {
            return .sourceUnavailable(
                SourceError(.unavailable, "slskd was restarted and lost the transfer"), isLost: true)
        }
        throw SourceError(.gone, "slskd lost the transfer \(Self.maximumOrders) times")
    }

    private func fetch(_ identity: TransferIdentity) async throws -> TransferResult {
        let arrival = TransferArrival(candidate: order.candidate, directory: order.directory, stem: identity.stem)
        try await arrival.prepare()
        if let file = try await arrival.earlier() {
            try await tidy(identity)
            return .acquired(file)
        }
        var feed = source.poller.updates(of: DownloadsPoller.Key(user, order.candidate.path)).makeAsyncIterator()
        let began = ContinuousClock.now
        let present = try await poll(&feed, after: began)
        if let found = try await own(identity, among: present) {
            source.limiter.force(user)
            defer { source.limiter.release(user) }
            if found.hasEndedUnseen { try await drop(found) }
            report(.adopted)
            return try await follow(found, &feed, after: began, arrival)
        }
        if present.contains(where: { !$0.state.isEnded }) { return try foreignTransfer() }
        try await endFailed(besides: identity, among: present)
        return try await begin(identity, &feed, arrival)
    }

    private func begin(
        _ identity: TransferIdentity, _ feed: inout Feed, _ arrival: TransferArrival
    ) async throws -> TransferResult {
        guard try await source.limiter.acquire(user, priority: order.priority, within: order.patience) else {
            return .throttled("other transfers have precedence")
        }
        defer { source.limiter.release(user) }
        let found = try await enqueue(identity, &feed)
        report(.ordered)
        return try await follow(found, &feed, after: .now, arrival)
    }

    /// Handles a transfer of the same file by another client. slskd transfers a file from a peer only once at a time, so
    /// that transfer must end first.
    func foreignTransfer() throws -> TransferResult {
        let reason = "slskd is downloading this file for another client"
        guard !order.hasAlternatives else { throw SourceError(.refused, reason) }
        return .throttled(reason)
    }

    // MARK: - Polling

    /// Returns the transfers of the file from the first poll after a moment.
    func poll(_ feed: inout Feed, after moment: ContinuousClock.Instant) async throws -> [SlskdTransfer] {
        while let update = await feed.next() {
            switch update.content {
            case .transfers(let transfers) where update.requestedAt >= moment: return transfers
            case .failed(let error)
            where update.requestedAt >= moment || .now - moment > source.settings.absence:
                throw Pause(result: .sourceUnavailable(SourceError(unavailable: error), isLost: false))
            default: continue
            }
        }
        throw CancellationError()
    }

    /// Returns why slskd cannot be used now; `nil` when it can.
    /// - Parameter reason: The observation that led to the check; part of the error.
    func unavailability(_ reason: String) async throws -> SourceError? {
        do {
            let state = try await source.client.serverState()
            return state.isReady ? nil : SourceError(.unavailable, "slskd is not logged in: \(reason)")
        } catch is SlskdError {
            return SourceError(.unavailable, "slskd does not respond: \(reason)")
        }
    }
}

extension SourceError {
    /// Creates the error of a failure of slskd itself, independent of the candidate.
    init(unavailable error: SlskdError) {
        let code: Code = [.unauthorised, .forbidden].contains(error.meaning) ? .unauthorised : .unavailable
        self.init(code, error.message)
    }
}
