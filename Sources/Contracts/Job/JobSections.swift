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
}

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
}

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
        size = try fields.decodeIfPresent(Int64.self, forKey: .size)
        since = try fields.decodeIfPresent(Timestamp.self, forKey: .since)
        round = try fields.decodeWhole(forKey: .round) ?? 1
        failedCandidates = try fields.decodeIfPresent([FailedCandidate].self, forKey: .failedCandidates) ?? []
    }
}

/// The section of the download stage: the fetched file.
public struct DownloadSection: Codable, Sendable, Equatable {
    public var source: String
    public var user: String?
    /// Relative to the downloads folder.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// Lower-case hexadecimal.
    public var sha256: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case source, user, path, size, sha256
    }

    public init(source: String, user: String? = nil, path: String, size: Int64, sha256: String? = nil) {
        self.source = source
        self.user = user
        self.path = path
        self.size = size
        self.sha256 = sha256
    }
}

/// The section of the tag stage: the verified and tagged copy.
public struct TagSection: Codable, Sendable, Equatable {
    /// Relative to the downloads folder.
    public var path: String
    /// `flac`, `mp3`, `aac`, `alac`, `vorbis`, `opus` …
    public var codec: String
    public var bitrateKbps: Int?
    public var durationMS: Int
    /// The evidence of the verification by check: `decoded`, `duration` …
    public var verification: [String: JSONValue]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, codec, verification
        case bitrateKbps = "bitrate_kbps"
        case durationMS = "duration_ms"
    }

    public init(
        path: String, codec: String, bitrateKbps: Int?, durationMS: Int, verification: [String: JSONValue] = [:]
    ) {
        self.path = path
        self.codec = codec
        self.bitrateKbps = bitrateKbps
        self.durationMS = durationMS
        self.verification = verification
    }
}

/// The section of the move stage: the place of the file in the library.
public struct MoveSection: Codable, Sendable, Equatable {
    /// Relative to the music folder.
    public var path: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path
    }

    public init(path: String) { self.path = path }
}
