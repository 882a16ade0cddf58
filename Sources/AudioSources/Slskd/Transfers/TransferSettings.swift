/// How long a transfer may take its time, and how many may run.
public struct TransferSettings: Sendable, Equatable {
    /// Without a byte while bytes should flow.
    public var stall: Duration = .seconds(30)
    /// From the peer's go, or from a request without an answer, to the first byte.
    public var start: Duration = .seconds(60)
    /// In a queue, while there are other candidates.
    public var queue: Duration = .seconds(120)
    /// In a queue, when there is no other candidate.
    public var queueAlone: Duration = .seconds(86_400)
    /// Transfers that this process follows at once; more wait.
    public var most = 100
    /// Transfers from one peer at once.
    public var mostPerPeer = 2
    /// For how long slskd may take to put a finished file in its place.
    public var placing: Duration = .seconds(60)
    /// For how long slskd's own next attempt is awaited, with other candidates and without.
    public var retryPatience: (others: Duration, alone: Duration) = (.seconds(8), .seconds(90))
    /// For how long slskd may be away before the job is put aside.
    public var absence: Duration = .seconds(20)
    /// Between two looks at all transfers.
    public var poll: Duration = .seconds(1)

    public init() {}

    public static func == (one: Self, other: Self) -> Bool {
        one.stall == other.stall && one.start == other.start && one.queue == other.queue
            && one.queueAlone == other.queueAlone && one.most == other.most && one.mostPerPeer == other.mostPerPeer
            && one.placing == other.placing && one.retryPatience == other.retryPatience
            && one.absence == other.absence && one.poll == other.poll
    }

    /// Reads `HDM_TRANSFER_…` and `HDM_TRANSFERS_…`.
    /// - Parameter integer: a setting, with its default, in a range.
    /// - Throws: what `integer` throws.
    public init(integer: (String, Int, ClosedRange<Int>) throws -> Int) throws {
        stall = .seconds(try integer("HDM_TRANSFER_STALL_S", 30, 1...3600))
        start = .seconds(try integer("HDM_TRANSFER_START_S", 60, 1...3600))
        queue = .seconds(try integer("HDM_TRANSFER_QUEUE_S", 120, 1...604_800))
        queueAlone = .seconds(try integer("HDM_TRANSFER_QUEUE_ALONE_S", 86_400, 1...2_592_000))
        most = try integer("HDM_TRANSFERS_MAX", most, 1...10_000)
        mostPerPeer = try integer("HDM_TRANSFERS_PER_PEER", mostPerPeer, 1...100)
    }
}
