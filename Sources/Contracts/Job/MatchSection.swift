/// The section of the match stage: the candidates, best first, and the decision with its evidence.
///
/// The size is bounded: at most ``maximumCandidates`` candidates and ``maximumRefused`` refused ones.
public struct MatchSection: Codable, Sendable, Equatable {
    public static let maximumCandidates = 10
    public static let maximumRefused = 3

    /// The score of the first candidate, or of the best refused file if there is no candidate: 0 … 1.
    public var score: Double
    /// The components of the score by name, each 0 … 1.
    public var components: [String: Double]
    /// The download stage tries the candidates in this order.
    public var candidates: [Candidate]
    public var outcome: MatchOutcome?
    /// The reason for the decision, as a sentence for people.
    public var explanation: String?
    /// The best file that may be wanted, too, but is another recording than the first candidate.
    public var runnerUp: RunnerUp?
    /// The number of judged files.
    public var considered: Int?
    /// The number of files that were not judged, because people rejected them for this track.
    public var leftOut: Int?
    /// The refused files with the best scores, if no file was accepted.
    public var refused: [Candidate]?
    /// The searches, in order.
    public var searches: [SearchYield]?

    public struct RunnerUp: Codable, Sendable, Equatable {
        public var candidate: Candidate
        /// The score of the first candidate minus that of this one; negative if the first is ranked first for another
        /// reason.
        public var margin: Double

        public init(candidate: Candidate, margin: Double) {
            self.candidate = candidate
            self.margin = margin
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case score, components, candidates, outcome, explanation, considered, refused, searches
        case runnerUp = "runner_up"
        case leftOut = "left_out"
    }

    public init(score: Double, components: [String: Double], candidates: [Candidate]) {
        self.score = score
        self.components = components
        self.candidates = candidates
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        score = try fields.decode(Double.self, forKey: .score)
        components = try fields.decode([String: Double].self, forKey: .components)
        candidates = try fields.decode([Candidate].self, forKey: .candidates)
        outcome = try fields.decodeIfPresent(MatchOutcome.self, forKey: .outcome)
        explanation = try fields.decodeIfPresent(String.self, forKey: .explanation)
        runnerUp = try fields.decodeIfPresent(RunnerUp.self, forKey: .runnerUp)
        considered = try fields.decodeWholeIfPresent(forKey: .considered, in: 0...Limits.number)
        leftOut = try fields.decodeWholeIfPresent(forKey: .leftOut, in: 0...Limits.number)
        refused = try fields.decodeIfPresent([Candidate].self, forKey: .refused)
        searches = try fields.decodeIfPresent([SearchYield].self, forKey: .searches)
    }
}
