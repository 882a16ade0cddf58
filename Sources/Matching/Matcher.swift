public import Contracts

/// Finds among offered files the one that is the wanted recording, or refuses.
///
/// Pure and deterministic: the same offers in any order give the same decision. Identity is decided first; quality
/// and peers only order what is surely the same recording.
public struct Matcher: Sendable {
    public var profile: MatchProfile

    public init(profile: MatchProfile = MatchProfile()) { self.profile = profile }

    public func judge(wanted track: Track, offers: [OfferedFile]) -> MatchDecision {
        var reader = OfferReader(wanted: track, profile: profile)
        let judged = offers.map { offer in
            let (evidence, quality) = reader.read(offer)
            return JudgedOffer(
                offer: offer, outcome: outcome(evidence), score: evidence.score, vetoes: evidence.vetoes,
                quality: quality.qualityClass, evidence: evidence, durationMS: quality.durationMS)
        }
        return decision(ranked(judged))
    }

    private func outcome(_ evidence: Evidence) -> MatchOutcome {
        guard evidence.vetoes.isEmpty, evidence.score >= profile.review else { return .reject }
        return evidence.score >= profile.accept && !evidence.isDoubtful ? .accept : .review
    }

    /// Two offers that may both be the wanted recording, and are not the same one, are for a person.
    private func decision(_ ranked: [JudgedOffer]) -> MatchDecision {
        guard let first = ranked.first else { return MatchDecision(outcome: .reject, ranked: [], runnerUp: nil) }
        let rival = rival(of: first, ranked)
        let runnerUp = rival.map { RunnerUp(offer: $0, margin: first.score - $0.score) }
        let isContested = rival.map { $0.outcome == .accept && isAsSure($0, as: first) } ?? false
        let outcome: MatchOutcome = first.outcome == .accept && isContested ? .review : first.outcome
        return MatchDecision(outcome: outcome, ranked: ranked, runnerUp: runnerUp)
    }

    /// Whether a rival may as well be the wanted recording. What has the wanted length is not contested by what has not.
    private func isAsSure(_ rival: JudgedOffer, as first: JudgedOffer) -> Bool {
        if first.evidence.isSure, !rival.evidence.isSure { return false }
        return first.score - rival.score < profile.margin
    }

    /// The best offer that may be wanted, too, but is another recording than the first.
    private func rival(of first: JudgedOffer, _ ranked: [JudgedOffer]) -> JudgedOffer? {
        let possible = ranked.prefix { $0.outcome != .reject }
        // Where one bears the wanted name letter by letter, the others have slips of the same name.
        let hasExact = possible.contains { $0.outcome == .accept && $0.evidence.otherSpelling == nil }
        return possible.filter { isOther($0, first, hasExact) }.max { $0.score < $1.score }
    }

    private func isOther(_ a: JudgedOffer, _ b: JudgedOffer, _ hasExact: Bool) -> Bool {
        if !hasExact, a.evidence.otherSpelling != b.evidence.otherSpelling { return true }
        guard let x = a.durationMS, let y = b.durationMS else { return false }
        return abs(x.subtractingReportingOverflow(y).partialValue) >= profile.otherLength
    }
}

// MARK: - Order

extension Matcher {
    /// What is surely the wanted recording comes before what is nearly so, whatever the quality.
    private struct Key {
        let rank: Int
        let preference: Int
        let score: Double
        let index: Int

        func precedes(_ other: Key) -> Bool? {
            if rank != other.rank { return rank < other.rank }
            if preference != other.preference { return preference < other.preference }
            return score == other.score ? nil : score > other.score
        }
    }

    /// Sorts small keys instead of the offers themselves.
    private func ranked(_ judged: [JudgedOffer]) -> [JudgedOffer] {
        let keys = judged.enumerated().map { index, offer in
            Key(rank: rank(offer), preference: preference(offer), score: offer.score, index: index)
        }
        return keys.sorted { a, b in
            if let precedes = a.precedes(b) { return precedes }
            let (x, y) = (judged[a.index].offer, judged[b.index].offer)
            return (x.user ?? "", x.path, x.size) < (y.user ?? "", y.path, y.size)
        }.map { judged[$0.index] }
    }

    private func rank(_ judged: JudgedOffer) -> Int {
        switch judged.outcome {
        case .accept: judged.evidence.isSure ? 0 : 1
        case .review: 2
        case .reject: 3
        }
    }

    /// Lower is better: quality first, then how soon and how fast the peer is likely to deliver. All the same for
    /// offers that are not accepted: what may be another recording is not worth more for being lossless.
    private func preference(_ judged: JudgedOffer) -> Int {
        guard judged.outcome == .accept else { return 0 }
        let quality = judged.quality.flatMap(profile.qualities.firstIndex) ?? profile.qualities.count
        guard let peer = judged.offer.peer else { return quality * 100 }
        let queue = [0, 10, 50].firstIndex { peer.queueLength <= $0 } ?? 3
        let speed = [2_000_000, 500_000].firstIndex { peer.uploadSpeed >= $0 } ?? 2
        return quality * 100 + (peer.hasFreeSlot ? 0 : 50) + queue * 10 + speed
    }
}
