/// A file that may be the wanted recording, as a source offers it. Ranked by the match stage, fetched by download.
public struct Candidate: Codable, Sendable, Equatable {
    /// The name of the source that offers it, such as `folder` or `slskd`.
    public var source: String
    /// The peer that shares it, where the source has peers.
    public var user: String?
    /// The name by which the source knows the file. Never a path to write to.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// How sure the matcher is that this is the wanted recording: 0 … 1.
    public var score: Double
    public var durationMS: Int?
    public var bitrateKbps: Int?
    /// What was decided about this file alone.
    public var outcome: MatchOutcome?
    /// The parts of its score by name, each 0 … 1.
    public var components: [String: Double]?
    /// What speaks against it; absent when nothing does.
    public var vetoes: [Veto]?
    /// The class of its audio, such as `lossless16`.
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

/// What the match stage adds: the candidates, best first, and how it was decided.
///
/// It stays small however many files were looked at: ``mostCandidates`` candidates, ``mostRefused`` refused ones.
public struct MatchSection: Codable, Sendable, Equatable {
    public static let mostCandidates = 10
    public static let mostRefused = 3

    /// How sure it is that the first candidate is the wanted recording; that of the nearest refused one when there is no
    /// candidate: 0 … 1.
    public var score: Double
    /// The parts of the score by name, each 0 … 1.
    public var components: [String: Double]
    /// The download stage takes one after another, without asking.
    public var candidates: [Candidate]
    public var outcome: MatchOutcome?
    /// Why, in a sentence for a person.
    public var explanation: String?
    /// The best file that may be wanted, too, but is another recording than the first candidate.
    public var runnerUp: RunnerUp?
    /// Files that were looked at.
    public var considered: Int?
    /// Files that were left out because people had rejected them for this track.
    public var leftOut: Int?
    /// The nearest files that were refused, where none was accepted.
    public var refused: [Candidate]?
    /// The questions that were asked, in their order.
    public var searches: [SearchYield]?

    public struct RunnerUp: Codable, Sendable, Equatable {
        public var candidate: Candidate
        /// How far the first candidate is ahead in score; negative when it stands first for another reason.
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

/// What the download stage notes while a file is on its way: which transfer it follows, so that whoever takes the job up
/// goes on with it, and what it has given up.
public struct TransferSection: Codable, Sendable, Equatable {
    /// The oldest are left out, those first of which another attempt may be made.
    public static let mostFailedCandidates = 40

    /// The candidate that is being fetched, or was fetched last; `nil` between two.
    public var path: String?
    public var user: String?
    /// Bytes.
    public var size: Int64?
    /// When its fetching began; `nil` when it has ended.
    public var since: Timestamp?
    /// Which round through the candidates this is, from 1: transfers of a later one are new ones.
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

/// What the download stage adds: the file as it arrived.
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

/// What the tag stage adds: the checked and tagged copy.
public struct TagSection: Codable, Sendable, Equatable {
    /// Relative to the downloads folder.
    public var path: String
    /// `flac`, `mp3`, `aac`, `alac`, `vorbis`, `opus` …
    public var codec: String
    public var bitrateKbps: Int?
    public var durationMS: Int
    /// What was verified, as evidence: `decoded`, `duration` …
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

/// What the move stage adds: where the file is in the library.
public struct MoveSection: Codable, Sendable, Equatable {
    /// Relative to the music folder.
    public var path: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path
    }

    public init(path: String) { self.path = path }
}
