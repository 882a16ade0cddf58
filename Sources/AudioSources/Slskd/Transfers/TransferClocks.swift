import Contracts

/// Decides from the observed states of a transfer whether to continue it. There is a time limit for each of waiting,
/// starting and receiving.
///
/// Gaps between observations do not count, because slskd may have been unavailable.
struct TransferClocks: Sendable {
    enum Verdict: Sendable, Equatable {
        case wait
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
    /// The time in queues before the present phase.
    private var queued: Duration
    private var bytes: Int64 = -1
    private var lastSeen: ContinuousClock.Instant?

    /// A longer time between two observations is a gap.
    private static let gap = Duration.seconds(10)

    /// - Parameter queued: The time that the transfer has already spent in queues.
    init(_ settings: TransferSettings, hasAlternatives: Bool, queued: Duration, now: ContinuousClock.Instant) {
        self.settings = settings
        self.hasAlternatives = hasAlternatives
        self.queued = queued
        phaseBegan = now
    }

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
        case (_, .completed(let ending)): mayRetry(ending, attempts, time) ? .wait : .ended(ending)
        case (.waiting, _): queued + time > queuePatience ? .queuedTooLong : .wait
        case (.starting, _): time > settings.start ? .neverStarted : .wait
        case (.receiving, _): time > settings.stall ? .stalled : .wait
        default: .wait
        }
    }

    private var queuePatience: Duration { hasAlternatives ? settings.queue : settings.queueAlone }

    /// Since 0.26 slskd repeats some failed transfers itself, and counts its attempts.
    private func mayRetry(_ ending: SlskdTransferState.Ending, _ attempts: Int, _ time: Duration) -> Bool {
        guard Self.mayFollow(ending, attempts: attempts) else { return false }
        return time < (hasAlternatives ? settings.retryPatience.others : settings.retryPatience.alone)
    }

    /// Whether slskd may start another attempt itself.
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
