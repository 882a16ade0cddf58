import Matching

/// The matcher's decision about one search.
struct MatchPrediction: Encodable {
    struct File: Encodable {
        var username: String
        var filename: String

        init(_ judged: JudgedOffer) {
            username = judged.offer.user ?? ""
            filename = judged.offer.path
        }
    }

    var id: String
    /// The accepted file; `nil` when none was accepted.
    var pick: File?
    /// The files without a veto, the best first.
    var ranked: [File]
    var confidence: Double
    var why: String

    private enum CodingKeys: CodingKey {
        case id, pick, ranked, confidence, why
    }

    init(id: String, _ decision: MatchDecision) {
        self.id = id
        pick = decision.outcome == .accept ? decision.ranked.first.map { File($0) } : nil
        ranked = decision.ranked.filter { $0.outcome != .reject }.map { File($0) }
        confidence = decision.ranked.first.map { $0.outcome == .reject ? 0 : $0.score } ?? 0
        why = decision.explanation
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        // A missing pick is written as null.
        if let pick { try fields.encode(pick, forKey: .pick) } else { try fields.encodeNil(forKey: .pick) }
        try fields.encode(ranked, forKey: .ranked)
        try fields.encode(confidence, forKey: .confidence)
        try fields.encode(why, forKey: .why)
    }
}
