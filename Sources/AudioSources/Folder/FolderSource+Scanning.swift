import Foundation
import Logging
import Synchronization

extension FolderSource {
    /// The state of the scans of this process.
    struct ScanState {
        var status = FolderIndexStatus()
        var running: Task<Void, Never>?
        /// Callers that wait for the end of the running scan.
        var waiting: [AsyncStream<Never>.Continuation] = []
        var lastEnd: ContinuousClock.Instant?
    }

    /// The progress of the index. Does not wait for anything.
    public var status: FolderIndexStatus { scanning.withLock { $0.status } }

    /// Scans now and then at every interval, until the task is cancelled.
    public func run() async throws {
        guard index != nil else { return }
        defer { scanning.withLock { $0.running }?.cancel() }
        while true {
            startScan()
            await waitForScan()
            try await Task.sleep(for: configuration.rescanInterval)
        }
    }

    /// Scans now, or joins the running scan. Returns when the scan has ended or the task is cancelled.
    public func rescan() async {
        startScan()
        await waitForScan()
    }

    /// Starts a scan unless one is running.
    func startScan() {
        guard let index else { return }
        scanning.withLock { state in
            guard state.running == nil else { return }
            state.status = FolderIndexStatus(
                isScanning: true, filesIndexed: state.status.filesIndexed, lastScanEnd: state.status.lastScanEnd,
                lastScanDuration: state.status.lastScanDuration)
            state.running = Task { await self.scan(index) }
        }
    }

    /// Scans again for a search without a strong hit, unless the last scan is recent.
    /// - Returns: Whether a scan has ended since the call.
    func recheck() async -> Bool {
        let wasRunning = scanning.withLock { $0.running != nil }
        // The running scan may already have passed the folder of a new file.
        if wasRunning { await waitBrieflyForScan() }
        guard isRecheckDue else { return wasRunning }
        startScan()
        await waitBrieflyForScan()
        return true
    }

    private var isRecheckDue: Bool {
        guard configuration.recheckAge > .zero else { return true }
        return scanning.withLock { state in
            guard let lastEnd = state.lastEnd else { return true }
            let spacing = (state.status.lastScanDuration ?? .zero) * configuration.recheckSpacing
            return ContinuousClock.now - lastEnd >= max(configuration.recheckAge, spacing)
        }
    }

    private func waitBrieflyForScan() async {
        await withTaskGroup { group in
            group.addTask { await self.waitForScan() }
            group.addTask { try? await Task.sleep(for: self.configuration.recheckWait) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForScan() async {
        let stream = scanning.withLock { state -> AsyncStream<Never>? in
            guard state.running != nil else { return nil }
            let (stream, continuation) = AsyncStream<Never>.makeStream()
            state.waiting.append(continuation)
            return stream
        }
        guard let stream else { return }
        for await _ in stream {}
    }

    private func scan(_ index: FolderIndex) async {
        let start = ContinuousClock.now
        let scan = FolderScan(index: index, roots: roots, logger: logger) { [weak self] progress in
            self?.show(progress)
        }
        do {
            end(try await scan.run(), after: ContinuousClock.now - start)
        } catch {
            if !(error is CancellationError) {
                logger.error(
                    "the scan of the music folders failed; it is repeated later", metadata: ["reason": "\(error)"])
            }
            end(nil, after: ContinuousClock.now - start)
        }
    }

    private func show(_ progress: FolderIndexStatus) {
        scanning.withLock { state in
            state.status.filesSeen = progress.filesSeen
            state.status.filesRead = progress.filesRead
            state.status.problemCount = progress.problemCount
            state.status.problems = progress.problems
        }
    }

    private func end(_ result: FolderIndexStatus?, after duration: Duration) {
        let waiting = scanning.withLock { state in
            if let result { state.status = result }
            state.status.isScanning = false
            state.status.lastScanEnd = Date()
            state.status.lastScanDuration = duration
            state.lastEnd = .now
            state.running = nil
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }
}
