import Contracts
public import Foundation

/// slskd's record of a download.
public struct FakeTransfer: Sendable {
    public let id: String
    public let batchID: String?
    public let username: String
    public let filename: String
    /// As requested.
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
    /// Where the file lies in the end; slskd's API does not tell it here.
    public var localFile: URL?
    /// Counts up, in the order of the requests.
    let number: Int

    /// In slskd's own sense: has ended for good, or is just between two attempts.
    var isInProgress: Bool { endedAt == nil || !state.isCompleted }

    var json: JSONValue { json(tellsStartOffset: false) }

    func json(tellsStartOffset: Bool) -> JSONValue {
        let remaining = size - bytesTransferred
        return .members([
            "id": .string(id), "batchId": batchID.json, "username": .string(username), "direction": "Download",
            "filename": .string(filename), "size": .integer(size), "state": .string(state.rawValue),
            "requestedAt": Date?.some(requestedAt).bareJSON, "enqueuedAt": enqueuedAt.bareJSON,
            "startedAt": startedAt.zonedJSON, "endedAt": endedAt.zonedJSON,
            "bytesTransferred": .integer(bytesTransferred), "averageSpeed": .number(averageSpeed),
            "placeInQueue": placeInQueue.json, "exception": exception.json, "attempts": .integer(Int64(attempts)),
            "removed": .bool(removed), "bytesRemaining": .integer(remaining),
            "startOffset": tellsStartOffset ? .integer(startOffset) : nil,
            "elapsedTime": startedAt.map {
                .string(SlskdTime.text(seconds: (endedAt ?? Date()).timeIntervalSince($0)))
            },
            "percentComplete": .number(size == 0 ? 0 : Double(bytesTransferred) / Double(size) * 100),
            "remainingTime": averageSpeed == 0
                ? nil : .string(SlskdTime.text(seconds: Double(remaining) / averageSpeed)),
        ])
    }
}

/// The states as slskd prints them.
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

/// Why an attempt did not end well.
struct SlskdFailure: Error {
    let state: FakeTransferState
    let message: String

    /// Rejected, aborted and cancelled transfers are left alone.
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
