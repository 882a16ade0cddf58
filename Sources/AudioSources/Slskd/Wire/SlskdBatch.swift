import Contracts
public import Foundation

/// Files that were ordered together (0.26 and later).
public struct SlskdBatch: Sendable, Equatable {
    public var id: UUID
    public var username: String
    public var transfers: [SlskdTransfer]
    /// The folder below slskd's downloads folder.
    public var destination: String?
}

extension SlskdBatch: Decodable {
    private enum CodingKeys: String, CodingKey { case id, username, transfers, options }
    private struct Options: Decodable { var destination: String? }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(UUID.self, forKey: .id)
        username = fields.lenient(.username) ?? ""
        transfers = fields.lenientList(.transfers)
        destination = fields.lenient(.options, Options.self)?.destination
    }
}

/// The response to the order of a batch.
struct SlskdBatchResponse: Decodable {
    var batch: SlskdBatch
    var failures: [String]

    private enum CodingKeys: String, CodingKey { case batch, failures }
    private struct Failure: Decodable { var message: String? }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        batch = try fields.decode(SlskdBatch.self, forKey: .batch)
        failures = fields.lenientList(.failures, of: Failure.self).map { $0.message ?? "" }
    }
}

/// The response to an order without a batch.
struct SlskdEnqueueResponse: Decodable {
    var enqueued: [SlskdTransfer]
    /// The number of failed files. slskd lists names up to 0.25 and empty objects in 0.26.
    var failed: Int

    private enum CodingKeys: String, CodingKey { case enqueued, failed }
    private struct Anything: Decodable { init(from decoder: any Decoder) {} }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        enqueued = fields.lenientList(.enqueued)
        failed = fields.lenientList(.failed, of: Anything.self).count
    }
}
