import Contracts
import Foundation

@testable import AudioSources

/// A machine, and a clock that a test sets.
struct MachineScript {
    static let job = JobID()
    static let path = #"Music\Band\01 Song.flac"#
    static let candidate = Candidate(source: "slskd", user: "anna", path: path, size: 1000, score: 1)
    static let file = AcquiredFile(file: URL(filePath: "/jobs/song.flac"), size: 1000, sha256: "00")
    static let start = ContinuousClock.now
    static let time = Timestamp.now

    private(set) var machine: TransferMachine
    private(set) var now = MachineScript.start

    init(_ order: TransferOrder = MachineScript.order(), _ settings: TransferSettings = TransferSettings()) {
        machine = TransferMachine(order, settings, now: Self.start, time: Self.time)
    }

    static func order(_ change: (inout TransferOrder) -> Void = { _ in }) -> TransferOrder {
        var order = TransferOrder(candidate, job: job, into: URL(filePath: "/jobs"))
        change(&order)
        return order
    }

    static func identity(_ number: Int = 0, round: String = "1") -> TransferIdentity {
        TransferIdentity(candidate, job: job, round: round, number: number)
    }

    /// Plays events at a time in seconds after the start, and returns the commands that follow the last one.
    @discardableResult
    mutating func play(_ events: TransferEvent..., at second: Double? = nil) -> [TransferCommand] {
        if let second { now = Self.start + .seconds(second) }
        var commands: [TransferCommand] = []
        for event in events { commands = machine.handle(event, at: now) }
        return commands
    }

    /// Plays a list of slskd.
    @discardableResult
    mutating func list(_ transfers: SlskdTransfer..., at second: Double) -> [TransferCommand] {
        let requestedAt = Self.start + .seconds(second)
        return play(.updated(.init(requestedAt: requestedAt, content: .transfers(transfers))), at: second)
    }

    /// Plays a poll that failed.
    @discardableResult
    mutating func listFails(_ meaning: SlskdError.Meaning = .unavailable, at second: Double) -> [TransferCommand] {
        let requestedAt = Self.start + .seconds(second)
        let error = SlskdError(meaning, "no response")
        return play(.updated(.init(requestedAt: requestedAt, content: .failed(error))), at: second)
    }

    var state: String {
        switch machine.state {
        case .looking: "looking"
        case .waitingForSlot: "waiting for slot"
        case .ordering: "ordering"
        case .following: "following"
        case .restarted: "restarted"
        case .vanished: "vanished"
        case .collecting: "collecting"
        case .checking: "checking"
        case .ending: "ending"
        case .closing: "closing"
        case .ended: "ended"
        }
    }

    var result: TransferResult? { if case .success(let result)? = machine.result { result } else { nil } }

    var isThrottled: Bool { if case .throttled? = result { true } else { false } }

    var failure: SourceError.Code? { if case .failure(let error)? = machine.result { error.code } else { nil } }

    /// Whether the source is unavailable, and whether the transfer is lost.
    var lost: Bool? { if case .sourceUnavailable(_, let isLost)? = result { isLost } else { nil } }
}

// MARK: - Beginnings

extension MachineScript {
    /// No earlier run left anything, and slskd's list is read.
    static func listing(
        _ order: TransferOrder = MachineScript.order(), _ settings: TransferSettings = TransferSettings()
    ) -> Self {
        var script = MachineScript(order, settings)
        script.play(.started, .prepared(.success(nil)), at: 0)
        return script
    }

    static func ordering(
        _ order: TransferOrder = MachineScript.order(), _ settings: TransferSettings = TransferSettings()
    ) -> Self {
        var script = listing(order, settings)
        script.list(at: 0)
        script.play(.slot)
        return script
    }

    static func following(
        _ order: TransferOrder = MachineScript.order(), _ settings: TransferSettings = TransferSettings(),
        _ transfer: SlskdTransfer = .sample(.queuedRemotely)
    ) -> Self {
        var script = ordering(order, settings)
        script.play(.ordered(.success(SlskdEnqueued(transfers: [transfer], batchID: transfer.batchID))), at: 0)
        return script
    }
}

extension SlskdTransfer {
    static let first = UUID()
    static let second = UUID()

    /// Returns a transfer of the script's file, with the identity of its order.
    static func sample(
        _ state: SlskdTransferState, id: UUID = first, batch: UUID? = MachineScript.identity().batchID,
        bytes: Int64 = 0, _ change: (inout SlskdTransfer) -> Void = { _ in }
    ) -> SlskdTransfer {
        var transfer = SlskdTransfer(
            id: id, batchID: batch, username: "anna", filename: MachineScript.path, size: 1000, state: state,
            requestedAt: MachineScript.time, enqueuedAt: nil, startedAt: nil, endedAt: nil, bytesTransferred: bytes,
            averageSpeed: 0, placeInQueue: nil, exception: nil, attempts: 1, isRemoved: false)
        change(&transfer)
        return transfer
    }

    /// A transfer that slskd's restart interrupted.
    static var cutOff: SlskdTransfer {
        sample(.completed(.errored)) { ($0.exception, $0.endedAt) = ("Application shut down", MachineScript.time) }
    }
}

extension SlskdBatch {
    static func sample(_ id: UUID, _ destination: String?, _ transfers: SlskdTransfer...) -> SlskdBatch {
        SlskdBatch(id: id, username: "anna", transfers: transfers, destination: destination)
    }
}
