public import Contracts

/// An offer and what speaks for and against it.
public struct JudgedOffer: Sendable {
    public var offer: OfferedFile
    public var outcome: MatchOutcome
    /// How sure it is that this is the wanted recording, 0 … 1; quality and peers have no part in it.
    public var score: Double
    public var vetoes: [Veto]
    public var quality: QualityClass?
    /// A person said that it is the wanted recording.
    public var isApproved = false
    let evidence: Evidence
    /// As the source says, or as size and bitrate give it.
    let durationMS: Int?

    /// The parts of the score by name, each 0 … 1.
    public var components: [String: Double] { evidence.components }
}

/// The best offer that may be the wanted recording, too, but is not the same one as the first.
public struct RunnerUp: Sendable {
    public var offer: JudgedOffer
    /// How far the first is ahead of it; negative when it is behind and stands first for another reason.
    public var margin: Double
}

/// The verdict over all offers for a track.
public struct MatchDecision: Sendable {
    public var outcome: MatchOutcome
    /// The best first: accepted ones by quality and then by peer, the others by score.
    public var ranked: [JudgedOffer]
    /// `nil` when all that may be wanted is one recording.
    public var runnerUp: RunnerUp?
    /// Offers that were not judged, because people had rejected them for this track.
    public var leftOut = 0

    /// That of no offers at all.
    public static let none = MatchDecision(outcome: .reject, ranked: [], runnerUp: nil)
}

extension JudgedOffer {
    /// The file's name without its folders.
    fileprivate var name: String {
        let name = offer.path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
        return name.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension MatchDecision {
    /// Why it was decided so, in a sentence for a person.
    public var explanation: String {
        guard let first = ranked.first else { return nothing }
        let score = Int((first.score * 100).rounded())
        let name = first.name.prefix(utf8: Self.longestName)
        switch outcome {
        case .accept where first.isApproved: return "'\(name)' was approved by a person"
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
        return "; the next recording, '\(runnerUp.offer.name.prefix(utf8: Self.longestName))', is \(margin) behind"
    }

    private var nothing: String {
        leftOut == 0
            ? "no source offers a file that resembles the track"
            : "all \(leftOut) files that resemble the track were rejected by people before"
    }

    private static let longestName = 200
}
