/// The decisions of people about files for a track. The gateway adds them to a job, and the match stage applies them.
///
/// The gateway stores verdicts by track, so that they apply to all later jobs for the same track.
public struct Verdicts: Codable, Sendable, Equatable {
    /// The maximum number of approved and of rejected files in a job. The oldest are left out.
    public static let maximumCount = 100

    /// Files that are the wanted recording, whatever their names.
    public var approved: [CandidateKey]
    /// Files that are not the wanted recording. They are not candidates again.
    public var rejected: [CandidateKey]
    /// Words to search for instead of artist and title.
    public var query: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case approved, rejected, query
    }

    public init(approved: [CandidateKey] = [], rejected: [CandidateKey] = [], query: String? = nil) {
        self.approved = approved
        self.rejected = rejected
        self.query = query
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        approved = try fields.decodeIfPresent([CandidateKey].self, forKey: .approved) ?? []
        rejected = try fields.decodeIfPresent([CandidateKey].self, forKey: .rejected) ?? []
        query = try fields.decodeIfPresent(String.self, forKey: .query)
    }
}
