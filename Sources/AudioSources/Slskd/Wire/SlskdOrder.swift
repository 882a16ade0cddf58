public import Foundation

/// An order of files from one peer.
public struct SlskdOrder: Sendable, Equatable {
    /// A file as the peer listed it.
    public struct File: Codable, Sendable, Equatable {
        /// The exact bytes that the peer listed.
        public var filename: String
        /// The listed size in bytes. slskd ends the transfer when the file has another size.
        public var size: Int64

        public init(filename: String, size: Int64) {
            self.filename = filename
            self.size = size
        }
    }

    /// The id of the batch, where slskd supports batches. The same id again starts nothing.
    public var id: UUID
    public var username: String
    public var files: [File]
    /// The folder relative to slskd's downloads folder. It is ignored where slskd does not support batches.
    public var destination: String?

    public init(id: UUID, username: String, files: [File], destination: String?) {
        self.id = id
        self.username = username
        self.files = files
        self.destination = destination
    }
}

extension SlskdOrder: Encodable {
    enum CodingKeys: String, CodingKey { case id, username, files, options }
    enum OptionKeys: String, CodingKey { case destination }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id.uuidString.lowercased(), forKey: .id)
        try fields.encode(username, forKey: .username)
        try fields.encode(files, forKey: .files)
        var options = fields.nestedContainer(keyedBy: OptionKeys.self, forKey: .options)
        try options.encodeIfPresent(destination, forKey: .destination)
    }
}

/// The result of an order.
public struct SlskdEnqueued: Sendable, Equatable {
    /// The new or existing transfers of the order's files.
    public var transfers: [SlskdTransfer]
    /// `nil` where slskd does not support batches. slskd then chooses the folder.
    public var batchID: UUID?
    /// Whether the batch or the transfers already existed, so that nothing was started.
    public var wasKnown: Bool
    /// slskd's texts about refused files. Before 0.26 they do not contain the names.
    public var failures: [String]

    public init(transfers: [SlskdTransfer], batchID: UUID? = nil, wasKnown: Bool = false, failures: [String] = []) {
        self.transfers = transfers
        self.batchID = batchID
        self.wasKnown = wasKnown
        self.failures = failures
    }
}
