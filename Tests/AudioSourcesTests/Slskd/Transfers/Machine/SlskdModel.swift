import Contracts
import Foundation

@testable import AudioSources

/// A small model of slskd with one file of one peer, in simulated time. Its faults are drawn from a seed.
struct SlskdModel {
    /// A transfer, and what the model knows beyond its record.
    struct Entry {
        var transfer: SlskdTransfer
        let isForeign: Bool
        /// When the record changes next.
        var due: Double
        /// Where the file is, once it was moved.
        var path: String?
    }

    /// What can go wrong in one schedule.
    struct Faults {
        var restarts = false
        var networkLosses = false
        var lostResponses = false
        var removals = false
        var badPeer = false
        var fullDisk = false

        static let none = Faults()

        init() {}

        init(_ random: inout SeededRandom) {
            restarts = random.chance(0.4)
            networkLosses = random.chance(0.3)
            lostResponses = random.chance(0.5)
            removals = random.chance(0.2)
            badPeer = random.chance(0.4)
            fullDisk = random.chance(0.2)
        }
    }

    var random: SeededRandom
    var faults: Faults
    let version: SlskdVersion?
    var isUp = true
    var isLoggedIn = true
    var isDiskFull = false
    /// Seconds since the start.
    private(set) var now = 0.0
    var entries: [Entry] = []
    var batches: [UUID: SlskdBatch] = [:]
    /// Orders whose transfers start later, because slskd still connects to the peer.
    var late: [(due: Double, order: TransferIdentity)] = []
    var resumable: [UUID] = []
    private var back: (due: Double, isRestart: Bool)?

    init(_ random: SeededRandom) {
        self.random = random
        faults = Faults(&self.random)
        version = self.random.chance(0.8) ? .batches : SlskdVersion("0.25.0")
        if version == .batches, self.random.chance(0.15) { add(batch: nil, isForeign: true) }
    }

    var hasBatches: Bool { version == .batches }
    var isReady: Bool { isUp && isLoggedIn }
    var instant: ContinuousClock.Instant { MachineScript.start + .seconds(now) }
    var time: Timestamp { MachineScript.time + .seconds(now) }

    /// The running transfers of the job.
    var running: [SlskdTransfer] { entries.filter { !$0.isForeign && !$0.transfer.state.isEnded }.map(\.transfer) }

    func index(of id: UUID) -> Int? { entries.firstIndex { $0.transfer.id == id } }

    mutating func add(batch: UUID?, isForeign: Bool) {
        for index in entries.indices where entries[index].transfer.state.isEnded {
            entries[index].transfer.isRemoved = true
        }
        let id = random.uuid()
        let transfer = SlskdTransfer.sample(.queuedLocally, id: id, batch: batch) { $0.requestedAt = time }
        entries.append(Entry(transfer: transfer, isForeign: isForeign, due: now + random.seconds(0...3)))
        if let batch { batches[batch]?.transfers.append(transfer) }
    }

    // MARK: - Time

    /// Lets time pass. Everything that is due meanwhile happens.
    mutating func pass(_ seconds: Double) {
        let end = now + seconds
        while true {
            let next = nextDue
            guard next <= end else { break }
            now = max(now, next)
            happen()
        }
        now = end
        breakFaults()
    }

    private var nextDue: Double {
        let next = entries.reduce(back?.due ?? .infinity) { min($0, $1.due) }
        return late.reduce(next) { min($0, $1.due) }
    }

    private mutating func happen() {
        if let back, back.due <= now { comeBack(isRestart: back.isRestart) }
        for (_, order) in late.filter({ $0.due <= now }) where isReady && !isInProgress {
            add(batch: order.batchID, isForeign: false)
        }
        late = late.filter { $0.due > now }
        for index in entries.indices where entries[index].due <= now { advance(index) }
    }

    var isInProgress: Bool { entries.contains { !$0.transfer.state.isEnded } }

    private mutating func breakFaults() {
        guard back == nil else { return }
        if faults.restarts, random.chance(0.02) {
            restart()
        } else if faults.networkLosses, random.chance(0.02) {
            loseNetwork()
        }
        if faults.removals, random.chance(0.02), let index = entries.indices.randomElement(using: &random) {
            removeByOthers(index)
        }
        if faults.fullDisk { isDiskFull = random.chance(0.5) }
    }

    /// Ends all outages.
    mutating func calm() {
        faults = .none
        isDiskFull = false
        if back != nil { comeBack(isRestart: !isUp) }
        for index in entries.indices where entries[index].due == .infinity && !entries[index].transfer.state.isEnded {
            entries[index].due = now
        }
    }
}

// MARK: - Outages

extension SlskdModel {
    private mutating func restart() {
        (isUp, isLoggedIn) = (false, false)
        for index in entries.indices where !entries[index].transfer.state.isEnded || entries[index].due < .infinity {
            switch entries[index].transfer.state {
            case .completed(.succeeded): break
            case .completed: entries[index].due = .infinity
            default:
                end(index, .errored, "Application shut down")
                resumable.append(entries[index].transfer.id)
            }
        }
        if random.chance(0.2) { (entries, batches, resumable) = (entries.filter(\.isForeign), [:], []) }
        late = []
        back = (now + random.seconds(1...60), true)
    }

    private mutating func loseNetwork() {
        isLoggedIn = false
        for index in entries.indices where !entries[index].transfer.state.isEnded {
            end(index, .errored, "Transfer failed: Remote connection closed")
        }
        back = (now + random.seconds(1...60), false)
    }

    /// Connects and logs in again. After a restart slskd resumes the transfers that it interrupted.
    private mutating func comeBack(isRestart: Bool) {
        (isUp, isLoggedIn, back) = (true, true, nil)
        guard isRestart, hasBatches else { return resumable = [] }
        for id in resumable {
            guard let index = index(of: id), !entries[index].transfer.isRemoved, !isInProgress else { continue }
            add(batch: nil, isForeign: entries[index].isForeign)
        }
        resumable = []
    }

    /// A person removes a transfer in slskd's own interface.
    private mutating func removeByOthers(_ index: Int) {
        guard !entries[index].isForeign else { return }
        if !entries[index].transfer.state.isEnded { end(index, .cancelled, "Operation cancelled") }
        if random.chance(0.3), entries[index].path == nil {
            entries.remove(at: index)
        } else {
            entries[index].transfer.isRemoved = true
        }
    }
}

// MARK: - Transfers

extension SlskdModel {
    mutating func end(_ index: Int, _ ending: SlskdTransferState.Ending, _ exception: String?) {
        entries[index].transfer.state = .completed(ending)
        entries[index].transfer.exception = exception
        entries[index].transfer.endedAt = time
        entries[index].due = .infinity
    }

    /// Moves a transfer to its next state.
    private mutating func advance(_ index: Int) {
        entries[index].due = now + random.seconds(0...8)
        switch entries[index].transfer.state {
        case .queuedLocally: entries[index].transfer.state = .queuedRemotely
        case .queuedRemotely:
            if faults.badPeer, random.chance(0.3) { return misbehave(index) }
            entries[index].transfer.state = .inProgress
        case .inProgress: receive(index)
        case .completed(.succeeded): move(index)
        case .completed: entries[index].transfer.state = .queuedLocally
        default: entries[index].due = .infinity
        }
    }

    private mutating func receive(_ index: Int) {
        if faults.badPeer, random.chance(0.2) { return misbehave(index) }
        entries[index].transfer.bytesTransferred = min(1000, entries[index].transfer.bytesTransferred + 400)
        guard entries[index].transfer.bytesTransferred == 1000 else { return }
        end(index, .succeeded, nil)
        entries[index].due = now + random.seconds(0...2)
    }

    /// slskd moves the file to its final path.
    private mutating func move(_ index: Int) {
        entries[index].due = .infinity
        guard !isDiskFull else { return entries[index].transfer.exception = "No space left on device" }
        entries[index].path = "/downloads/\(entries[index].transfer.id)"
    }

    private mutating func misbehave(_ index: Int) {
        switch random.below(5) {
        case 0: end(index, .rejected, "Transfer rejected: Banned")
        case 1: end(index, .aborted, "Transfer aborted: the remote size of 5 does not match expected size 1000")
        // The peer sends nothing more, and slskd does not notice it.
        case 2: entries[index].due = .infinity
        default: repeatLater(index)
        }
    }

    /// slskd repeats a failed transfer twice.
    private mutating func repeatLater(_ index: Int) {
        end(index, .errored, "Download reported as failed by remote client")
        guard hasBatches, entries[index].transfer.attempts < 3 else { return }
        entries[index].transfer.attempts += 1
        entries[index].due = now + random.seconds(0...6)
    }
}
