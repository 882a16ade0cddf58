public import Contracts

/// What becomes of a track after its offers were judged.
public enum MatchOutcome: String, Sendable, Codable {
    /// The first offer is the wanted recording.
    case accept
    /// The first offer may be; a person should look.
    case review
    /// None is.
    case reject
}

/// Why an offer is out of the question, whatever else speaks for it.
public struct Veto: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
        case version, duration, audio, locked, quality, title
    }

    public var kind: Kind
    /// For a person, in a few words.
    public var reason: String
}

/// An offer and what speaks for and against it.
public struct JudgedOffer: Sendable {
    public var offer: OfferedFile
    public var outcome: MatchOutcome
    /// How sure it is that this is the wanted recording, 0 … 1; quality and peers have no part in it.
    public var score: Double
    public var vetoes: [Veto]
    public var quality: QualityClass?
    let evidence: Evidence
    /// As the source says, or as size and bitrate give it.
    let durationMS: Int?

    /// The parts of the score by name, each 0 … 1.
    public var components: [String: Double] { evidence.components }
}

/// The best offer that may be the wanted recording, too, but is not the same one as the first.
public struct RunnerUp: Sendable {
    public var offer: JudgedOffer
    /// How far the first is ahead of it in score; negative when it is behind and stands first for another reason.
    public var margin: Double
}

/// The verdict over all offers for a track.
public struct MatchDecision: Sendable {
    public var outcome: MatchOutcome
    /// The best first: accepted ones by quality and then by peer, the others by score.
    public var ranked: [JudgedOffer]
    /// `nil` when all that may be wanted is one recording.
    public var runnerUp: RunnerUp?

    /// What a job document keeps: the first offers that nothing speaks against, at most ten.
    ///
    /// An accepted match names only offers that are accepted themselves, because the download falls back from one to the
    /// next without asking. Empty when none is left; the score is then that of the best refused one.
    public func section(limit: Int = 10) -> MatchSection {
        let named = ranked.filter { outcome == .accept ? $0.outcome == .accept : $0.outcome != .reject }
        return MatchSection(
            score: ranked.first?.score ?? 0, components: ranked.first?.components ?? [:],
            candidates: named.prefix(min(max(limit, 0), 10)).map(\.candidate))
    }
}

extension JudgedOffer {
    fileprivate var candidate: Candidate {
        var candidate = Candidate(
            source: offer.source, user: offer.user, path: offer.path, size: offer.size, score: score)
        candidate.durationMS = offer.durationMS
        candidate.bitrateKbps = offer.bitrateKbps
        return candidate
    }

    /// The file's name without its folders.
    fileprivate var name: String {
        let name = offer.path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
        return name.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension MatchDecision {
    /// Why it was decided so, in a sentence for a person.
    public var explanation: String {
        guard let first = ranked.first else { return "no source offers a file that resembles the track" }
        let score = Int((first.score * 100).rounded())
        let name = first.name.prefix(utf8: 200)
        switch outcome {
        case .accept: return "'\(name)' scored \(score) of 100\(lead)"
        case .review where first.outcome == .accept:
            return "'\(name)' scored \(score) of 100, but another recording is as likely\(lead)"
        case .review, .reject:
            let against = first.vetoes.map(\.reason).joined(separator: ", ")
            return "\(ranked.count) files were looked at; the nearest, '\(name)', was not taken: "
                + (against.isEmpty ? "scored \(score) of 100" : against)
        }
    }

    private var lead: String {
        guard let runnerUp else { return "" }
        let margin = Int((runnerUp.margin * 100).rounded())
        return "; the next recording, '\(runnerUp.offer.name.prefix(utf8: 200))', is \(margin) behind"
    }
}
