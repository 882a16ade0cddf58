import Contracts

/// Judges from what is seen of a transfer whether to go on: a clock for each of waiting, starting and receiving.
///
/// Time in which nothing was seen counts for nothing: slskd may have been away.
struct TransferClocks: Sendable {
    enum Verdict: Sendable, Equatable {
        case goOn
        case queuedTooLong
        case neverStarted
        case stalled
        case ended(SlskdTransferState.Ending)
    }

    private enum Phase { case waiting, starting, receiving, ended }

    @Boxed private(set) var settings: TransferSettings
    var hasAlternatives: Bool
    private var phase: Phase?
    private var phaseBegan: ContinuousClock.Instant
    /// Spent in queues before the present one.
    private var queued: Duration
    private var bytes: Int64 = -1
    private var lastSeen: ContinuousClock.Instant?

    /// A longer time between two looks is a gap.
    private static let gap = Duration.seconds(10)

    /// - Parameter queued: the time that the transfer has spent in queues already.
    init(_ settings: TransferSettings, hasAlternatives: Bool, queued: Duration, now: ContinuousClock.Instant) {
        self.settings = settings
        self.hasAlternatives = hasAlternatives
        self.queued = queued
        phaseBegan = now
    }

    /// Whether the transfer stands in a queue, its own or the peer's.
    var isQueued: Bool { phase == .waiting }

    mutating func judge(
        _ state: SlskdTransferState, bytes: Int64, attempts: Int, now: ContinuousClock.Instant
    ) -> Verdict {
        if let lastSeen, now - lastSeen > Self.gap { phaseBegan += now - lastSeen }
        lastSeen = now
        let next = Self.phase(state, bytes)
        if next != phase || next == .receiving && bytes != self.bytes { enter(next, now) }
        self.bytes = bytes
        return verdict(state, attempts, after: now - phaseBegan)
    }

    private mutating func enter(_ next: Phase, _ now: ContinuousClock.Instant) {
        if phase == .waiting { queued += now - phaseBegan }
        phase = next
        phaseBegan = now
    }

    private func verdict(_ state: SlskdTransferState, _ attempts: Int, after time: Duration) -> Verdict {
        switch (phase, state) {
        case (_, .completed(let ending)): mayRetry(ending, attempts, time) ? .goOn : .ended(ending)
        case (.waiting, _): queued + time > queuePatience ? .queuedTooLong : .goOn
        case (.starting, _): time > settings.start ? .neverStarted : .goOn
        case (.receiving, _): time > settings.stall ? .stalled : .goOn
        default: .goOn
        }
    }

    private var queuePatience: Duration { hasAlternatives ? settings.queue : settings.queueAlone }

    /// slskd tries again by itself after some failures, since 0.26 (it counts attempts from then on).
    private func mayRetry(_ ending: SlskdTransferState.Ending, _ attempts: Int, _ time: Duration) -> Bool {
        guard Self.mayFollow(ending, attempts: attempts) else { return false }
        return time < (hasAlternatives ? settings.retryPatience.others : settings.retryPatience.alone)
    }

    /// Whether another attempt of slskd's own may follow.
    static func mayFollow(_ ending: SlskdTransferState.Ending, attempts: Int) -> Bool {
        (ending == .errored || ending == .timedOut) && (1..<slskdsAttempts).contains(attempts)
    }

    private static let slskdsAttempts = 3

    private static func phase(_ state: SlskdTransferState, _ bytes: Int64) -> Phase {
        switch state {
        case .queuedLocally, .queuedRemotely: .waiting
        case .requested, .initializing, .unknown: .starting
        case .inProgress: bytes > 0 ? .receiving : .starting
        case .completed: .ended
        }
    }
}
