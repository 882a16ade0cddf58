/// Somebody who shares files.
public struct SlskdPeer: Sendable {
    public var name: String
    public var files: [SlskdSharedFile]
    public var behaviour: SlskdPeerBehaviour
    /// How many files are sent at the same time; more wait in the peer's queue.
    public var uploadSlots = 3
    /// Bytes per second of the simulated world, for one file.
    public var speed: Int64 = 1_000_000
    /// As told in search responses; `nil` means ``speed``.
    public var listedSpeed: Int64?
    /// How many strangers stand in the queue, as told in search responses, and before every transfer.
    public var queueLength = 0
    /// How long each of the strangers takes.
    public var queueStep: Duration = .seconds(5)
    /// As told in search responses; `nil` means that there is one when nobody waits.
    public var hasFreeUploadSlot: Bool?
    /// How long after the search the response arrives.
    public var responseDelay: Duration = .milliseconds(300)
    /// CannedResponses searches; a peer that is offline may have answered just before.
    public var answersSearches = true

    public init(_ name: String, files: [SlskdSharedFile] = [], behaviour: SlskdPeerBehaviour = .good) {
        self.name = name
        self.files = files
        self.behaviour = behaviour
    }

    /// The file of exactly this name: no normalization of Unicode, no other separators.
    func file(_ path: String) -> SlskdSharedFile? {
        files.first { $0.path.utf8.elementsEqual(path.utf8) }
    }

    func behaviour(for file: SlskdSharedFile?) -> SlskdPeerBehaviour { file?.behaviour ?? behaviour }
}

/// What a peer does when a file is asked of it.
public enum SlskdPeerBehaviour: Sendable, Equatable {
    case good
    /// Has answered the search, and is gone.
    case offline
    /// Is online, but no connection can be made: the enqueue fails after many seconds.
    case unreachable
    /// Never acknowledges the request.
    case neverAnswers
    /// Queues the request, and stays at this place in the queue for ever.
    case neverStarts(place: Int)
    /// Sends so many bytes and then nothing more.
    case stalls(afterBytes: Int64)
    /// Refuses with this text, such as `File not shared.` or `Too many files`.
    case rejects(String)
    /// Sends the right number of bytes, most of them damaged.
    case corrupts
    /// Sends something else; the file must be listed with that content's size, see ``SlskdSharedFile/sending(_:)``.
    case sendsOther(SlskdContent)
    /// Closes the connection after so many bytes, and is offline from then on.
    case disappears(afterBytes: Int64)
    /// The first so many attempts at this peer fail, later ones go well.
    case failsFirst(Int)
    /// The file is no longer of the listed size.
    case hasOtherSize(Int64)
    /// Opens the connection and sends the first byte only after this time.
    case startsSlowly(Duration)
}
