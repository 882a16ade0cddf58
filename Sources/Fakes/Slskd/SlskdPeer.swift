/// A user of the network who shares files.
public struct SlskdPeer: Sendable {
    public var name: String
    public var files: [SlskdSharedFile]
    public var behaviour: SlskdPeerBehaviour
    /// The highest number of files that the peer sends at the same time. More files wait in its queue.
    public var uploadSlots = 3
    /// The speed of one file, in bytes per simulated second.
    public var speed: Int64 = 1_000_000
    /// The speed in search responses; `nil` for ``speed``.
    public var listedSpeed: Int64?
    /// The number of transfers of other users in the queue: in search responses, and before every transfer.
    public var queueLength = 0
    /// The duration of each transfer of another user.
    public var queueStep: Duration = .seconds(5)
    /// The value in search responses; `nil` for true if the queue is empty.
    public var hasFreeUploadSlot: Bool?
    /// The delay of search responses.
    public var responseDelay: Duration = .milliseconds(300)
    /// Whether the peer responds to searches. A peer can respond and be offline at the download.
    public var respondsToSearches = true

    public init(_ name: String, files: [SlskdSharedFile] = [], behaviour: SlskdPeerBehaviour = .good) {
        self.name = name
        self.files = files
        self.behaviour = behaviour
    }

    /// Returns the file with exactly this path, without Unicode normalization and replacement of separators.
    func file(_ path: String) -> SlskdSharedFile? {
        files.first { $0.path.utf8.elementsEqual(path.utf8) }
    }

    func behaviour(for file: SlskdSharedFile?) -> SlskdPeerBehaviour { file?.behaviour ?? behaviour }
}

/// The reaction of a peer to the request of a file.
public enum SlskdPeerBehaviour: Sendable, Equatable {
    case good
    /// The peer is offline, although it responded to the search.
    case offline
    /// The peer is online but not reachable. The enqueue fails after ``FakeTiming/unreachable``.
    case unreachable
    /// The peer never acknowledges the request.
    case neverResponds
    /// The peer queues the request at this position and never starts it.
    case neverStarts(place: Int)
    /// The peer stops sending after this number of bytes.
    case stalls(afterBytes: Int64)
    /// The peer rejects the request with this text, such as `File not shared.` or `Too many files`.
    case rejects(String)
    /// The peer sends the right number of bytes, most of them damaged.
    case corrupts
    /// The peer sends another content. The file must be listed with its size; see ``SlskdSharedFile/sending(_:)``.
    case sendsOther(SlskdContent)
    /// The peer closes the connection after this number of bytes and goes offline.
    case disappears(afterBytes: Int64)
    /// The first attempts at this peer fail, up to this number.
    case failsFirst(Int)
    /// The file has this size instead of the listed one.
    case hasOtherSize(Int64)
    /// The peer sends the first byte only after this time.
    case startsSlowly(Duration)
}
