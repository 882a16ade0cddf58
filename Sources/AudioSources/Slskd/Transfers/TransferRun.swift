import Contracts
import Foundation
import ServiceKit

/// Carries out the commands of a ``TransferMachine`` for one order.
///
/// It is an object, and the functions that wait hold only a reference to it, because a process can follow thousands of
/// transfers.
final class TransferRun {
    let order: TransferOrder
    let source: SlskdFetchSource
    let report: @Sendable (TransferStep) -> Void
    /// Called with the transfer that is followed from now on; `nil` for none.
    let followed: @Sendable (FoundTransfer?) -> Void
    private(set) var machine: TransferMachine
    private var event = TransferEvent.started
    private var question: TransferCommand?
    private var feed: AsyncStream<DownloadsPoller.Update>.Iterator?

    init(
        _ order: TransferOrder, source: SlskdFetchSource,
        report: @escaping @Sendable (TransferStep) -> Void = { _ in },
        followed: @escaping @Sendable (FoundTransfer?) -> Void = { _ in }
    ) {
        self.order = order
        self.source = source
        self.report = report
        self.followed = followed
        machine = TransferMachine(order, source.settings, now: .now, time: .now)
    }

    /// Runs the order to its end. A cancelled run ends at once and changes nothing more at slskd.
    /// - Throws: ``SourceError`` when the candidate failed, `CancellationError`.
    func run() async throws -> TransferResult {
        defer { if machine.holdsSlot { source.limiter.release(machine.user) } }
        while true {
            advance()
            for folder in foldersToClear { await clear(folder) }
            if let result = machine.result { return try result.get() }
            // A function of its own would keep its frame during the longest waits of all.
            if question == .nextUpdate { event = .updated(try await nextUpdate()) } else { try await answer() }
        }
    }

    private var foldersToClear: [String] = []

    /// Handles the last event, and carries out the commands that need no wait.
    @inline(never)
    private func advance() {
        (question, foldersToClear) = (nil, [])
        for command in machine.handle(event, at: .now) {
            if command.isQuestion { question = command } else { perform(command) }
        }
    }

    private func perform(_ command: TransferCommand) {
        switch command {
        case .subscribe: subscribe()
        case .report(let step): report(step)
        case .follow(let found): followed(found)
        case .forceSlot: source.limiter.force(machine.user)
        case .releaseSlot: source.limiter.release(machine.user)
        case .clear(let folder): foldersToClear.append(folder)
        case .log(let note): log(note)
        default: break
        }
    }

    private func answer() async throws {
        guard let question else { throw CancellationError() }
        event = try await answer(question)
    }

    private func log(_ note: TransferNote) {
        switch note {
        case .lost(let reason): source.logger.debug("slskd lost a transfer", metadata: ["reason": "\(reason)"])
        case .cannotRemove:
            source.logger.warning("cannot remove an ended transfer from slskd's lists; a later sweep removes it")
        case .staysListed(let reason):
            source.logger.info("a finished transfer stays in slskd's lists", metadata: ["reason": "\(reason)"])
        }
    }

    // MARK: - Polling

    func subscribe() {
        let key = DownloadsPoller.Key(machine.user, order.candidate.path)
        feed = source.poller.updates(of: key).makeAsyncIterator()
    }

    /// Returns the next poll of slskd's list.
    func nextUpdate() async throws -> DownloadsPoller.Update {
        guard let update = await feed?.next() else { throw CancellationError() }
        return update
    }

    /// Removes a transfer's own folder. A cancelled run leaves it to a later run or sweep.
    func clear(_ folder: String) async {
        let files = source.files
        try? await blocking { files.clear(folder) }
    }
}
