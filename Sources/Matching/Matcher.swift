public import Contracts

/// Finds among offered files the one that is the wanted recording, or refuses.
///
/// Pure and deterministic: the same offers in any order give the same decision. Identity is decided first; quality
/// and peers only order what is surely the same recording.
public struct Matcher: Sendable {
    public var profile: MatchProfile

    public init(profile: MatchProfile = MatchProfile()) { self.profile = profile }

    public func judge(wanted track: Track, offers: [OfferedFile]) -> MatchDecision {
        var reader = OfferReader(wish: Wish(track), profile: profile)
        let judged = offers.map { offer in
            let (evidence, quality) = reader.read(offer)
            return judge(offer, evidence, quality)
        }
        let ranked = ranked(judged)
        return MatchDecision(outcome: outcome(ranked), ranked: ranked)
    }

    private func judge(_ offer: OfferedFile, _ evidence: Evidence, _ quality: AudioQuality) -> JudgedOffer {
        JudgedOffer(
            offer: offer, outcome: outcome(evidence), score: evidence.score, vetoes: evidence.vetoes,
            quality: quality.qualityClass, evidence: evidence)
    }

    private func outcome(_ evidence: Evidence) -> MatchOutcome {
        guard evidence.vetoes.isEmpty, evidence.score >= profile.review else { return .reject }
        return evidence.score >= profile.accept && !evidence.isDoubtful ? .accept : .review
    }

    /// Two spellings that are both not quite the wanted title are two titles, until one is clearly ahead.
    private func outcome(_ ranked: [JudgedOffer]) -> MatchOutcome {
        guard let first = ranked.first, first.outcome == .accept, let spelling = first.evidence.otherSpelling else {
            return ranked.first?.outcome ?? .reject
        }
        let possible = ranked.prefix { $0.outcome != .reject }
        if possible.contains(where: { $0.evidence.otherSpelling == nil }) { return .accept }
        let hasRival = possible.contains {
            $0.evidence.otherSpelling != spelling && $0.score > first.score - profile.margin
        }
        return hasRival ? .review : .accept
    }
}

// MARK: - Order

extension Matcher {
    /// Sorts small keys instead of the offers themselves.
    private func ranked(_ judged: [JudgedOffer]) -> [JudgedOffer] {
        let keys = judged.enumerated().map { index, offer in
            (outcome: rank(offer.outcome), preference: preference(offer), score: -offer.score, index: index)
        }
        return keys.sorted { a, b in
            if (a.outcome, a.preference, a.score) != (b.outcome, b.preference, b.score) {
                return (a.outcome, a.preference, a.score) < (b.outcome, b.preference, b.score)
            }
            let (x, y) = (judged[a.index].offer, judged[b.index].offer)
            return (x.user ?? "", x.path, x.size) < (y.user ?? "", y.path, y.size)
        }.map { judged[$0.index] }
    }

    private func rank(_ outcome: MatchOutcome) -> Int {
        switch outcome {
        case .accept: 0
        case .review: 1
        case .reject: 2
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
