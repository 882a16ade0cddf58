import Contracts
import Foundation

/// The mutable state of the fake.
struct SlskdFixture: Sendable {
    var peers: [SlskdPeer]
    var records = SlskdRecords()
    var log = FakeRequestLog()

    var connection = SlskdConnection.disconnected
    /// Whether a lost connection is restored automatically: not after a disconnect by a client.
    var watches = true
    var isRunning = false
    var searchPosts = 0
    var enqueueCalls = 0
    var token = 1000

    var faults: [FakeFaultRule] = []
    var moveFault: FakeMoveFault?
    var openFiles: Set<String> = []
    /// The number of attempts that each peer has failed.
    var failures: [String: Int] = [:]
    var gone: Set<String> = []
    /// The number of transfers of other users before a transfer.
    var strangers: [String: Int] = [:]

    var runs = 0
    var tasks: [String: (run: Int, task: Task<Void, Never>)] = [:]
    var interruptions: [String: SlskdFailure] = [:]
    var waiters: [Waiter] = []
    var resumable: [String] = []

    /// A caller that waits for a change of a transfer.
    struct Waiter: Sendable {
        let transfer: String
        let condition: @Sendable (FakeTransfer) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    func peer(_ name: String) -> SlskdPeer? { peers.first { $0.name.utf8.elementsEqual(name.utf8) } }

    /// Whether a user is online.
    func isOnline(_ name: String) -> Bool {
        guard let peer = peer(name) else { return false }
        return peer.behaviour != .offline && !gone.contains(name)
    }

    /// Removes and returns the callers whose condition is satisfied.
    mutating func removeWaiters(for transfer: FakeTransfer) -> [Waiter] {
        let done = waiters.filter { $0.transfer == transfer.id && $0.condition(transfer) }
        if !done.isEmpty { waiters.removeAll { $0.transfer == transfer.id && $0.condition(transfer) } }
        return done
    }
}

/// The records in the database of slskd.
struct SlskdRecords: Sendable {
    var searches: [FakeSearch] = []
    var batches: [String: SlskdBatch] = [:]
    /// Oldest first.
    var events: [SlskdEvent] = []
    private var transfers: [String: FakeTransfer] = [:]
    private var byFile: [SlskdFileKey: [String]] = [:]

    var inOrder: [FakeTransfer] { transfers.values.sorted { $0.number < $1.number } }

    subscript(id: String) -> FakeTransfer? {
        get { transfers[id] }
        set { transfers[id] = newValue }
    }

    func search(_ id: String) -> FakeSearch? { searches.first { $0.id == id } }

    /// The number of transfers that receive bytes.
    var running: Int { transfers.values.count { $0.bytesTransferred > 0 && !$0.state.isCompleted } }

    func transfers(of batch: String) -> [FakeTransfer] {
        transfers.values.filter { $0.batchID == batch }.sorted { $0.number < $1.number }
    }

    /// Returns the unfinished transfer of a file.
    func running(_ username: String, _ filename: String) -> FakeTransfer? {
        byFile[SlskdFileKey(username, filename)]?.lazy.compactMap { transfers[$0] }.first { $0.isInProgress }
    }

    /// Whether a folder of a peer has unfinished transfers.
    func isRunning(_ username: String, folder: String) -> Bool {
        transfers.values.contains {
            $0.isInProgress && $0.filename.utf8.starts(with: folder.utf8) && $0.username == username
                && SlskdPath.remoteFolder(of: $0.filename) == folder
        }
    }

    /// Creates a record, and hides finished records of the same file.
    mutating func add(_ username: String, _ filename: String, size: Int64, batch: String?) -> FakeTransfer {
        let key = SlskdFileKey(username, filename)
        for old in byFile[key] ?? [] { transfers[old]?.removed = true }
        let transfer = FakeTransfer(
            id: UUID().uuidString.lowercased(), batchID: batch, username: username, filename: filename, size: size,
            requestedAt: Date(), number: transfers.count)
        transfers[transfer.id] = transfer
        byFile[key, default: []].append(transfer.id)
        return transfer
    }

    /// Changes a search, if it exists.
    mutating func change(search id: String, _ change: (inout FakeSearch) -> Void) {
        guard let index = searches.firstIndex(where: { $0.id == id }) else { return }
        change(&searches[index])
    }

    mutating func addEvent(_ type: String, _ data: [String: JSONValue]) {
        let (id, now) = (UUID().uuidString.lowercased(), Date())
        let known: [String: JSONValue] = [
            "type": .string(type), "version": 0, "id": .string(id), "timestamp": .string(SlskdTime.text(now) + "Z"),
        ]
        events.append(
            SlskdEvent(id: id, type: type, timestamp: now, data: .object(known.merging(data) { _, new in new })))
    }
}

/// A peer and a path, compared by bytes as in the network, not as text.
struct SlskdFileKey: Sendable, Hashable {
    private let username: [UInt8]
    private let filename: [UInt8]

    init(_ username: String, _ filename: String) {
        (self.username, self.filename) = (Array(username.utf8), Array(filename.utf8))
    }
}
