/// An offered file that may be the wanted recording. The match stage ranks candidates, the download stage fetches them.
public struct Candidate: Codable, Sendable, Equatable {
    /// The name of the source that offers the file, such as `folder` or `slskd`.
    public var source: String
    /// The peer that shares the file; `nil` for sources without peers.
    public var user: String?
    /// The source's name of the file. It is never used as a local path for writing.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// The confidence that this is the wanted recording: 0 … 1.
    public var score: Double
    public var durationMS: Int?
    public var bitrateKbps: Int?
    /// The decision about this file alone.
    public var outcome: MatchOutcome?
    /// The components of the score by name, each 0 … 1.
    public var components: [String: Double]?
    /// The reasons that exclude the file; absent if there are none.
    public var vetoes: [Veto]?
    /// The quality class of the audio, such as `lossless16`.
    public var quality: String?

    enum CodingKeys: String, CodingKey {
        case source, user, path, size, score, outcome, components, vetoes, quality
        case durationMS = "duration_ms"
        case bitrateKbps = "bitrate_kbps"
    }

    public init(source: String, user: String? = nil, path: String, size: Int64, score: Double) {
        self.source = source
        self.user = user
        self.path = path
        self.size = size
        self.score = score
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        source = try fields.decode(String.self, forKey: .source)
        user = try fields.decodeIfPresent(String.self, forKey: .user)
        path = try fields.decode(String.self, forKey: .path)
        size = try fields.decodeWhole(forKey: .size, in: 0...Limits.bytes)
        score = try fields.decode(Double.self, forKey: .score)
        durationMS = try fields.decodeWholeIfPresent(forKey: .durationMS, in: 0...Limits.milliseconds)
        bitrateKbps = try fields.decodeWholeIfPresent(forKey: .bitrateKbps, in: 0...Limits.number)
        outcome = try fields.decodeIfPresent(MatchOutcome.self, forKey: .outcome)
        components = try fields.decodeIfPresent([String: Double].self, forKey: .components)
        vetoes = try fields.decodeIfPresent([Veto].self, forKey: .vetoes)
        quality = try fields.decodeIfPresent(String.self, forKey: .quality)
    }
}

extension Candidate {
    /// The key under which verdicts on this file are stored.
    public var key: CandidateKey { CandidateKey(path: path, size: size) }
}
