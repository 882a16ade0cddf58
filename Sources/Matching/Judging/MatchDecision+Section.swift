public import Contracts
import Foundation

extension MatchDecision {
    /// Returns the section of the job document: the best candidates, the runner-up, and the best refused offers if none
    /// was accepted. Its size is bounded.
    ///
    /// An accepted match contains only accepted offers, because the download stage falls back from one to the next.
    /// Without candidates the score is that of the best refused offer.
    /// - Parameter failed: Candidates that failed before. They come last.
    public func section(
        limit: Int = MatchSection.maximumCandidates, avoiding failed: [TransferSection.FailedCandidate] = []
    ) -> MatchSection {
        let most = min(max(limit, 0), MatchSection.maximumCandidates)
        var (fresh, others): ([JudgedOffer], [JudgedOffer]) = ([], [])
        for judged in ranked where isCandidate(judged) {
            let hasFailed = failed.contains { $0.isOf(judged.offer.user, judged.offer.key) }
            if hasFailed { others.append(judged) } else { fresh.append(judged) }
        }
        let chosen = Self.spread(fresh, most)
        let first = chosen.first ?? ranked.first
        var section = MatchSection(
            score: first?.score ?? 0, components: first?.roundedComponents ?? [:],
            candidates: (chosen + others.prefix(most - chosen.count)).map(\.candidate))
        section.outcome = outcome
        section.explanation = explanation.prefix(utf8: Self.longestExplanation)
        section.runnerUp = runnerUp.map { MatchSection.RunnerUp(candidate: $0.offer.candidate, margin: $0.margin) }
        section.considered = ranked.count
        section.leftOut = leftOut > 0 ? leftOut : nil
        if outcome != .accept {
            section.refused = ranked.lazy.filter { $0.outcome == .reject && $0.offer.hasPossibleName }
                .prefix(MatchSection.maximumRefused).map(\.candidate)
        }
        return section
    }

    /// Returns the best offers in their order. A peer has three of them at most, unless there are too few others: when it
    /// is offline, all its offers fail.
    private static func spread(_ offers: [JudgedOffer], _ count: Int) -> [JudgedOffer] {
        var counts: [String: Int] = [:]
        var chosen: [Int] = []
        var left: [Int] = []
        for (index, judged) in offers.enumerated() where chosen.count < count {
            guard let user = judged.offer.user else {
                chosen.append(index)
                continue
            }
            counts[user, default: 0] += 1
            if counts[user, default: 0] <= mostOfOnePeer { chosen.append(index) } else { left.append(index) }
        }
        return (chosen + left.prefix(count - chosen.count)).sorted().map { offers[$0] }
    }

    private static let mostOfOnePeer = 3
    private static let longestExplanation = 1000

    private func isCandidate(_ judged: JudgedOffer) -> Bool {
        guard outcome == .accept else { return judged.outcome != .reject }
        return judged.outcome == .accept && isOfApproved(judged)
    }

    /// Whether an offer can stand in for the one that a person approved: another recording that is as likely must not.
    private func isOfApproved(_ judged: JudgedOffer) -> Bool {
        guard let first = ranked.first, first.isApproved, !judged.isApproved else { return true }
        guard let wanted = first.durationMS, let duration = judged.durationMS else { return false }
        return DurationTolerance.sameRecording.accepts(duration, for: wanted)
    }
}

extension JudgedOffer {
    private static let longestReason = 200
    private static let maximumVetoes = 8

    fileprivate var candidate: Candidate {
        var candidate = Candidate(
            source: offer.source, user: offer.user, path: offer.path, size: offer.size, score: score)
        candidate.durationMS = offer.durationMS
        candidate.bitrateKbps = offer.bitrateKbps
        candidate.outcome = outcome
        candidate.components = roundedComponents
        candidate.quality = quality?.rawValue
        let kept = vetoes.prefix(Self.maximumVetoes).map {
            Veto(kind: $0.kind, reason: $0.reason.prefix(utf8: Self.longestReason))
        }
        candidate.vetoes = kept.isEmpty ? nil : kept
        return candidate
    }

    /// The components, rounded to thousandths for people.
    fileprivate var roundedComponents: [String: Double] { components.mapValues { ($0 * 1000).rounded() / 1000 } }
}

extension OfferedFile {
    /// The maximum length of path, user and source in bytes. Systems do not open longer paths.
    private static let longestName = 4096

    /// Whether the names of the file have a possible length.
    var hasPossibleName: Bool { path.utf8.count + (user?.utf8.count ?? 0) + source.utf8.count <= Self.longestName }
}
