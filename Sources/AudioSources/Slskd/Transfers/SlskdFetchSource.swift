public import Contracts
import Files
public import Foundation
public import Logging
import Synchronization

/// Fetches files from the peers of the Soulseek network, through slskd.
///
/// slskd carries out the transfers. They continue while this process does not run, and are found again by their identity.
public final class SlskdFetchSource: FetchSource {
    let client: SlskdClient
    let settings: TransferSettings
    let files: TransferFiles
    let poller: DownloadsPoller
    let events: TransferEvents
    let limiter: TransferLimiter
    let logger: Logger
    let arrivals: BlockingPool
    /// A cache of the folders of batches at slskd.
    let destinations = Mutex<[UUID: String]>([:])
    private let check: SlskdReadiness
    private let lastPlaceRequest = Mutex<ContinuousClock.Instant?>(nil)
    private let running = Mutex<[JobID: [UUID: Running]]>([:])

    private struct Running {
        let task: Task<TransferResult, any Error>
        /// The followed transfer; `nil` before it is known.
        var transfer: (id: UUID, user: String)?
    }

    public var name: String { SlskdSource.sourceName }

    /// - Parameter downloads: slskd's downloads folder as this process sees it.
    public convenience init(
        client: SlskdClient, downloads: URL, settings: TransferSettings = TransferSettings(), logger: Logger
    ) {
        let arrivals = BlockingPool(name: "slskd-arrivals", threads: 8)
        self.init(client: client, downloads: downloads, settings: settings, logger: logger, arrivals: arrivals)
    }

    /// - Parameter arrivals: The threads that bring files into the folders of jobs.
    init(
        client: SlskdClient, downloads: URL, settings: TransferSettings, logger: Logger, arrivals: BlockingPool
    ) {
        self.arrivals = arrivals
        self.client = client
        self.settings = settings
        self.logger = logger
        files = TransferFiles(downloads)
        poller = DownloadsPoller(every: settings.poll) { try await client.downloads() }
        events = TransferEvents(client)
        limiter = TransferLimiter(most: settings.most, perPeer: settings.mostPerPeer)
        check = SlskdReadiness(client: client, downloads: downloads, logger: logger)
    }

    /// Ready when slskd responds, accepts the key, is logged in, and its downloads folder is the local one.
    public func readiness() async -> SourceReadiness { await check.run() }

    public func follow(
        _ order: TransferOrder, report: @escaping @Sendable (TransferStep) -> Void
    ) async throws -> TransferResult {
        let id = UUID()
        while let earlier = begin(order, id, report) {
            // Two runs of one job must not handle one transfer at once.
            guard earlier.isCancelled else { return Self.followedElsewhere }
            _ = await earlier.result
            try Task.checkCancellation()
        }
        defer { forget(id, of: order.job) }
        guard let task = running.withLock({ $0[order.job]?[id]?.task }) else { throw CancellationError() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private static let followedElsewhere = TransferResult.pending(
        "another delivery of the job follows its transfer", wait: .init(.handedBack, provider: SlskdSource.sourceName))

    /// Starts a run unless another one of the job has not ended.
    /// - Returns: The other one; `nil` when the run was started.
    private func begin(
        _ order: TransferOrder, _ id: UUID, _ report: @escaping @Sendable (TransferStep) -> Void
    ) -> Task<TransferResult, any Error>? {
        let job = order.job
        let followed: @Sendable (FoundTransfer?) -> Void = { [weak self] found in
            self?.running.withLock { $0[job]?[id]?.transfer = found.map { ($0.transfer.id, $0.transfer.username) } }
        }
        return running.withLock { running in
            if let other = running[job]?.values.first { return other.task }
            let task = Task {
                try await TransferRun(order, source: self, report: report, followed: followed).run()
            }
            running[job] = [id: Running(task: task)]
            return nil
        }
    }

    /// Follows the transfer to its end, without a limit for the time in queues.
    public func acquire(
        _ candidate: Candidate, job: JobID, into directory: URL,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> AcquiredFile {
        let order = TransferOrder(candidate, job: job, into: directory)
        while true {
            let result = try await follow(order) { if case .progress(let done) = $0 { progress(done) } }
            switch result {
            case .acquired(let file): return file
            case .sourceUnavailable(let error, _): throw error
            case .pending, .throttled, .handedBack: try await Task.sleep(for: settings.poll)
            }
        }
    }

    /// Also ends the job's transfers at slskd.
    public func cancel(job: JobID) async {
        let runs = running.withLock { $0[job].map { Array($0.values) } ?? [] }
        for run in runs { run.task.cancel() }
        for run in runs { _ = await run.task.result }
        for run in runs {
            guard let transfer = run.transfer else { continue }
            do {
                _ = try await client.remove(transfer.id, from: transfer.user)
            } catch {
                logger.warning(
                    "cannot end a cancelled transfer at slskd; a later sweep ends it", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Whether this process follows a transfer.
    func isFollowed(_ transfer: UUID) -> Bool {
        running.withLock { $0.values.contains { $0.values.contains { $0.transfer?.id == transfer } } }
    }

    /// Whether this process follows a transfer of a job.
    func isFollowed(_ job: JobID) -> Bool { running.withLock { $0[job] != nil } }

    /// Reserves the right to request a place in a queue from a peer. At most one such request a second is allowed.
    func mayRequestPlace() -> Bool {
        lastPlaceRequest.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < .seconds(1) { return false }
            last = now
            return true
        }
    }

    private func forget(_ id: UUID, of job: JobID) {
        running.withLock { running in
            running[job]?[id] = nil
            if running[job]?.isEmpty == true { running[job] = nil }
        }
    }
}
