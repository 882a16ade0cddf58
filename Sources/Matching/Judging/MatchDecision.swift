public import Contracts

/// The best offer that may be the wanted recording, but is another recording than the first.
public struct RunnerUp: Sendable {
    public var offer: JudgedOffer
    /// The lead of the first offer; negative if it is ranked first for another reason.
    public var margin: Double
}

/// The decision about all offers for a track.
public struct MatchDecision: Sendable {
    public var outcome: MatchOutcome
    /// The offers, the best first: accepted ones by quality and peer, the others by score.
    public var ranked: [JudgedOffer]
    /// `nil` if all possible offers are the same recording.
    public var runnerUp: RunnerUp?
    /// The number of offers that were not judged, because people rejected them for this track.
    public var leftOut = 0

    /// The decision without offers.
    public static let none = MatchDecision(outcome: .reject, ranked: [], runnerUp: nil)
}

extension JudgedOffer {
    /// The name of the file without its folders.
    fileprivate var name: String {
        let name = offer.path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
        return name.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension MatchDecision {
    /// The reason for the decision, as a sentence for people.
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
            return "\(ranked.count) files were judged; the best, '\(name)', was not accepted: "
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
            : "all \(leftOut) files that resemble the track were rejected by people"
    }

    private static let longestName = 200
}
