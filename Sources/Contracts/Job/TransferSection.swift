/// The state of the download stage: the transfer that it follows, and the candidates that failed.
///
/// A process that receives the job later continues the transfer.
public struct TransferSection: Codable, Sendable, Equatable {
    /// The maximum number of failed candidates. The oldest are removed first, mislabelled files last.
    public static let maximumFailedCandidates = 40

    /// The path of the candidate that is being fetched, or was fetched last; `nil` between two candidates.
    public var path: String?
    public var user: String?
    /// Bytes.
    public var size: Int64?
    /// The time at which the transfer began; `nil` after it has ended.
    public var since: Timestamp?
    /// The number of the pass through the candidates, from 1. Each pass orders new transfers.
    public var round: Int
    public var failedCandidates: [FailedCandidate]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, user, size, since, round
        case failedCandidates = "given_up"
    }

    public init(round: Int = 1, failedCandidates: [FailedCandidate] = []) {
        self.round = round
        self.failedCandidates = failedCandidates
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        path = try fields.decodeIfPresent(String.self, forKey: .path)
        user = try fields.decodeIfPresent(String.self, forKey: .user)
        size = try fields.decodeWholeIfPresent(forKey: .size, in: 0...Limits.bytes)
        since = try fields.decodeIfPresent(Timestamp.self, forKey: .since)
        round = try fields.decodeWholeIfPresent(forKey: .round, in: 1...Limits.count) ?? 1
        failedCandidates = try fields.decodeIfPresent([FailedCandidate].self, forKey: .failedCandidates) ?? []
    }
}
