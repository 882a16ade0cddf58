import Contracts
public import Foundation

/// The record of a search.
public struct FakeSearch: Sendable {
    public let id: String
    public let searchText: String
    let token: Int
    public var state: FakeSearchState = .requested
    public let startedAt: Date
    /// The time at which the responses were stored, shortly after the change of the state.
    public var endedAt: Date?
    public var responseCount = 0
    public var fileCount = 0
    public var lockedFileCount = 0
    var responses: [SlskdResponse] = []

    func json(includesResponses: Bool) -> JSONValue {
        .members([
            "id": .string(id), "searchText": .string(searchText), "token": .integer(Int64(token)),
            "state": .string(state.rawValue), "isComplete": .bool(state.isCompleted),
            "startedAt": Date?.some(startedAt).zonedJSON, "endedAt": endedAt.zonedJSON,
            "responseCount": .integer(Int64(responseCount)), "fileCount": .integer(Int64(fileCount)),
            "lockedFileCount": .integer(Int64(lockedFileCount)),
            "responses": .array(includesResponses ? responses.map(\.json) : []),
        ])
    }
}

public enum FakeSearchState: String, Sendable {
    case requested = "Requested"
    case queued = "Queued"
    case inProgress = "InProgress"
    case timedOut = "Completed, TimedOut"
    case responseLimitReached = "Completed, ResponseLimitReached"
    case fileLimitReached = "Completed, FileLimitReached"
    case cancelled = "Completed, Cancelled"
    case errored = "Completed, Errored"

    public var isCompleted: Bool { rawValue.hasPrefix("Completed") }
}

/// The response of one peer to a search.
struct SlskdResponse: Sendable {
    let peer: SlskdPeer
    let token: Int
    let files: [SlskdSharedFile]
    let lockedFiles: [SlskdSharedFile]

    var hasFreeUploadSlot: Bool { peer.hasFreeUploadSlot ?? (peer.queueLength == 0) }
    var speed: Int64 { peer.listedSpeed ?? peer.speed }

    var json: JSONValue {
        [
            "username": .string(peer.name), "token": .integer(Int64(token)),
            "hasFreeUploadSlot": .bool(hasFreeUploadSlot), "queueLength": .integer(Int64(peer.queueLength)),
            "uploadSpeed": .integer(speed), "fileCount": .integer(Int64(files.count)),
            "files": .array(files.map(\.json)), "lockedFileCount": .integer(Int64(lockedFiles.count)),
            "lockedFiles": .array(lockedFiles.map(\.json)),
        ]
    }
}
