import Contracts
public import Foundation

/// The record of a download.
public struct FakeTransfer: Sendable {
    public let id: String
    public let batchID: String?
    public let username: String
    public let filename: String
    /// The size in the request, in bytes.
    public let size: Int64
    public var state: FakeTransferState = .queuedLocally
    public let requestedAt: Date
    public var enqueuedAt: Date?
    public var startedAt: Date?
    public var endedAt: Date?
    public var bytesTransferred: Int64 = 0
    public var startOffset: Int64 = 0
    /// Bytes per real second.
    public var averageSpeed: Double = 0
    public var placeInQueue: Int?
    public var exception: String?
    public var attempts = 0
    public var removed = false
    /// The path of the finished file. The API of slskd does not contain it.
    public var localFile: URL?
    /// The position in the order of the requests.
    let number: Int

    /// Whether the transfer has not ended, in the sense of slskd, or waits for its next attempt.
    var isInProgress: Bool { endedAt == nil || !state.isCompleted }

    var json: JSONValue { json(sendsStartOffset: false) }

    func json(sendsStartOffset: Bool) -> JSONValue {
        let remaining = size - bytesTransferred
        return .members([
            "id": .string(id), "batchId": batchID.json, "username": .string(username), "direction": "Download",
            "filename": .string(filename), "size": .integer(size), "state": .string(state.rawValue),
            "requestedAt": Date?.some(requestedAt).bareJSON, "enqueuedAt": enqueuedAt.bareJSON,
            "startedAt": startedAt.zonedJSON, "endedAt": endedAt.zonedJSON,
            "bytesTransferred": .integer(bytesTransferred), "averageSpeed": .number(averageSpeed),
            "placeInQueue": placeInQueue.json, "exception": exception.json, "attempts": .integer(Int64(attempts)),
            "removed": .bool(removed), "bytesRemaining": .integer(remaining),
            "startOffset": sendsStartOffset ? .integer(startOffset) : nil,
            "elapsedTime": startedAt.map {
                .string(SlskdTime.text(seconds: (endedAt ?? Date()).timeIntervalSince($0)))
            },
            "percentComplete": .number(size == 0 ? 0 : Double(bytesTransferred) / Double(size) * 100),
            "remainingTime": averageSpeed == 0
                ? nil : .string(SlskdTime.text(seconds: Double(remaining) / averageSpeed)),
        ])
    }
}

/// The states of a transfer, in the spelling of slskd.
public enum FakeTransferState: String, Sendable {
    case queuedLocally = "Queued, Locally"
    case requested = "Requested"
    case queuedRemotely = "Queued, Remotely"
    case initializing = "Initializing"
    case inProgress = "InProgress"
    case succeeded = "Completed, Succeeded"
    case cancelled = "Completed, Cancelled"
    case timedOut = "Completed, TimedOut"
    case errored = "Completed, Errored"
    case rejected = "Completed, Rejected"
    case aborted = "Completed, Aborted"

    public var isCompleted: Bool { rawValue.hasPrefix("Completed") }
}

/// The reason why an attempt failed.
struct SlskdFailure: Error {
    let state: FakeTransferState
    let message: String

    /// Whether slskd retries: not after a rejected, aborted or cancelled transfer.
    var isRetried: Bool { state == .errored || state == .timedOut }

    static let cancelled = SlskdFailure(state: .cancelled, message: "Operation cancelled")
    static func errored(_ message: String) -> SlskdFailure { SlskdFailure(state: .errored, message: message) }
    static func timedOut(_ message: String) -> SlskdFailure { SlskdFailure(state: .timedOut, message: message) }
    static func rejected(_ reason: String) -> SlskdFailure {
        SlskdFailure(state: .rejected, message: "Transfer rejected: \(reason)")
    }
    static func offline(_ username: String) -> SlskdFailure { .errored("User \(username) appears to be offline") }
    static let notLoggedIn = SlskdFailure.errored(
        "The server connection must be connected and logged in (currently: Disconnected)")
    static func unreachable(_ username: String) -> SlskdFailure {
        .errored("Failed to establish a direct or indirect message connection to \(username) (192.0.2.1:2234)")
    }
}
