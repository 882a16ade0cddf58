public import Contracts
public import Foundation

/// A download at slskd. The path of its file is only in slskd's events.
public struct SlskdTransfer: Sendable, Equatable {
    public var id: UUID
    public var batchID: UUID?
    public var username: String
    /// Compare it with ``isOf(_:)``, because `==` can be true for different bytes.
    public var filename: String
    /// Bytes.
    public var size: Int64
    public var state: SlskdTransferState
    public var requestedAt: Timestamp?
    public var enqueuedAt: Timestamp?
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var bytesTransferred: Int64
    /// Bytes a second.
    public var averageSpeed: Double
    /// The place in the peer's queue. It can be wrong.
    public var placeInQueue: Int?
    /// The text of a failure, also of a succeeded transfer whose file could not be moved. It can be from an earlier
    /// attempt. See ``TransferFailure``.
    public var exception: String?
    public var attempts: Int
    /// Whether the transfer is hidden from the lists.
    public var isRemoved: Bool

    /// Whether this is a transfer of the file with exactly these bytes as its name.
    public func isOf(_ filename: String) -> Bool { self.filename.utf8.elementsEqual(filename.utf8) }
}

extension SlskdTransfer: Decodable {
    enum CodingKeys: String, CodingKey {
        case id, username, filename, size, state, requestedAt, enqueuedAt, startedAt, endedAt, bytesTransferred
        case averageSpeed, placeInQueue, exception, attempts
        case batchID = "batchId"
        case isRemoved = "removed"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(UUID.self, forKey: .id)
        username = try fields.decode(String.self, forKey: .username)
        filename = try fields.decode(String.self, forKey: .filename)
        state = SlskdTransferState(try fields.decode(String.self, forKey: .state))
        batchID = fields.lenient(.batchID)
        size = fields.lenient(.size) ?? 0
        requestedAt = fields.slskdDate(.requestedAt)?.time
        enqueuedAt = fields.slskdDate(.enqueuedAt)?.time
        startedAt = fields.slskdDate(.startedAt)?.time
        endedAt = fields.slskdDate(.endedAt)?.time
        bytesTransferred = fields.lenient(.bytesTransferred) ?? 0
        averageSpeed = fields.lenient(.averageSpeed) ?? 0
        placeInQueue = fields.lenient(.placeInQueue)
        exception = fields.lenient(.exception)
        attempts = fields.lenient(.attempts) ?? 0
        isRemoved = fields.lenient(.isRemoved) ?? false
    }
}

/// The downloads from one peer in slskd's lists.
struct SlskdUserTransfers: Decodable {
    var transfers: [SlskdTransfer]

    private enum CodingKeys: String, CodingKey { case directories }

    private struct Directory: Decodable {
        var files: [SlskdTransfer]

        enum CodingKeys: String, CodingKey { case files }

        init(from decoder: any Decoder) throws {
            files = try decoder.container(keyedBy: CodingKeys.self).lenientList(.files)
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        transfers = fields.lenientList(.directories, of: Directory.self).flatMap(\.files)
    }
}
