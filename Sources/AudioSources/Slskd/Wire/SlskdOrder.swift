public import Foundation

/// Files that slskd is to fetch from one peer.
public struct SlskdOrder: Sendable, Equatable {
    /// A file as the peer listed it.
    public struct File: Codable, Sendable, Equatable {
        /// As it was listed, byte for byte.
        public var filename: String
        /// Bytes, as listed: another size ends the transfer.
        public var size: Int64

        public init(filename: String, size: Int64) {
            self.filename = filename
            self.size = size
        }
    }

    /// Names the batch where slskd knows batches: the same id a second time fetches nothing again.
    public var id: UUID
    public var username: String
    public var files: [File]
    /// The folder below slskd's downloads folder, relative; only heeded where slskd knows batches.
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

/// What slskd made of an order.
public struct SlskdEnqueued: Sendable, Equatable {
    /// The transfers of the order's files, as far as slskd took them or had them already.
    public var transfers: [SlskdTransfer]
    /// `nil` where slskd knows no batches: the files then go to the folder that slskd chooses.
    public var batchID: UUID?
    /// Nothing was begun: the batch, or transfers of the files, were there.
    public var wasKnown: Bool
    /// What slskd says of files that it did not take; loose texts, without the files' names before 0.26.
    public var failures: [String]

    public init(transfers: [SlskdTransfer], batchID: UUID? = nil, wasKnown: Bool = false, failures: [String] = []) {
        self.transfers = transfers
        self.batchID = batchID
        self.wasKnown = wasKnown
        self.failures = failures
    }
}
