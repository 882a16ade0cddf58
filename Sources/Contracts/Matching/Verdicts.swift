/// What people decided about files for a job's track: the gateway adds it, the match stage heeds it.
///
/// The gateway remembers verdicts by track, so that they hold for every later job that asks for the same one.
public struct Verdicts: Codable, Sendable, Equatable {
    /// More are not carried along; the oldest are left out.
    public static let most = 100

    /// Files that are the wanted recording, whatever their names say.
    public var approved: [CandidateKey]
    /// Files that are not, and are never offered again.
    public var rejected: [CandidateKey]
    /// Words to search with instead of the track's own.
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
