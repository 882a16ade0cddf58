public import ServiceKit

/// The time limits of a transfer, and how many transfers run concurrently.
public struct TransferSettings: Sendable, Equatable {
    /// How long slskd may wait for its own next attempt of a failed transfer.
    public struct RetryPatience: Sendable, Equatable {
        /// While the job has other candidates.
        public var others: Duration
        /// When this candidate is the only one.
        public var alone: Duration

        public init(others: Duration, alone: Duration) {
            self.others = others
            self.alone = alone
        }
    }

    /// The longest time without a byte while a transfer runs.
    public var stall: Duration = .seconds(30)
    /// The longest time from the peer's approval, or from an unanswered request, to the first byte.
    public var start: Duration = .seconds(60)
    /// The longest time in a queue while there are other candidates.
    public var queue: Duration = .seconds(120)
    /// The longest time in a queue when there is no other candidate.
    public var queueAlone: Duration = .seconds(86_400)
    /// Transfers that this process follows concurrently; further ones wait.
    public var most = 100
    /// Concurrent transfers from one peer.
    public var mostPerPeer = 2
    /// How long slskd may take to move a finished file to its final path.
    public var placing: Duration = .seconds(60)
    public var retryPatience = RetryPatience(others: .seconds(8), alone: .seconds(90))
    /// How long slskd may be unreachable before the job is rescheduled.
    public var absence: Duration = .seconds(20)
    /// The time between two requests for the list of all transfers.
    public var poll: Duration = .seconds(1)

    public init() {}
}

extension TransferSettings {
    private static let stall = IntegerSetting(
        "HDM_TRANSFER_STALL_S", default: 30, in: 1...3600, "seconds that a transfer may go without a byte")
    private static let start = IntegerSetting(
        "HDM_TRANSFER_START_S", default: 60, in: 1...3600, "seconds that a transfer may take to its first byte")
    private static let queue = IntegerSetting(
        "HDM_TRANSFER_QUEUE_S", default: 120, in: 1...604_800,
        "seconds that a transfer may spend in queues while there are other candidates")
    private static let queueAlone = IntegerSetting(
        "HDM_TRANSFER_QUEUE_ALONE_S", default: 86_400, in: 1...2_592_000,
        "seconds that a transfer may spend in queues when there is no other candidate")
    private static let most = IntegerSetting(
        "HDM_TRANSFERS_MAX", default: 100, in: 1...10_000,
        "transfers that one process follows concurrently; never more than `HDM_CONCURRENCY_DOWNLOAD`")
    private static let mostPerPeer = IntegerSetting(
        "HDM_TRANSFERS_PER_PEER", default: 2, in: 1...100, "concurrent transfers from one peer")

    /// The settings that ``init(_:)`` reads.
    static let settings = [stall, start, queue, queueAlone, most, mostPerPeer].map(\.documentation)

    /// Reads the settings.
    /// - Throws: `SettingsError`.
    public init(_ settings: Settings) throws(SettingsError) {
        stall = try Self.stall.seconds(in: settings)
        start = try Self.start.seconds(in: settings)
        queue = try Self.queue.seconds(in: settings)
        queueAlone = try Self.queueAlone.seconds(in: settings)
        most = try Self.most.value(in: settings)
        mostPerPeer = try Self.mostPerPeer.value(in: settings)
    }
}
