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
        var judged = offers.map { offer in
            let (evidence, quality) = reader.read(offer)
            return judge(offer, evidence, quality)
        }
        judged.sort(by: comesBefore)
        let outcome = judged.first?.outcome ?? .reject
        return MatchDecision(outcome: outcome, ranked: judged)
    }

    private func judge(_ offer: OfferedFile, _ evidence: Evidence, _ quality: AudioQuality) -> JudgedOffer {
        JudgedOffer(
            offer: offer, outcome: outcome(evidence), score: evidence.score, components: evidence.components,
            vetoes: evidence.vetoes, quality: quality.qualityClass)
    }

    private func outcome(_ evidence: Evidence) -> MatchOutcome {
        guard evidence.vetoes.isEmpty, evidence.score >= profile.review else { return .reject }
        return evidence.score >= profile.accept && !evidence.isDoubtful ? .accept : .review
    }
}

// MARK: - Order

extension Matcher {
    private func comesBefore(_ a: JudgedOffer, _ b: JudgedOffer) -> Bool {
        if a.outcome != b.outcome { return rank(a.outcome) < rank(b.outcome) }
        if a.outcome == .accept {
            let (x, y) = (preference(a), preference(b))
            if x != y { return x.lexicographicallyPrecedes(y) }
        }
        if a.score != b.score { return a.score > b.score }
        return (a.offer.user ?? "", a.offer.path, a.offer.size) < (b.offer.user ?? "", b.offer.path, b.offer.size)
    }

    private func rank(_ outcome: MatchOutcome) -> Int {
        switch outcome {
        case .accept: 0
        case .review: 1
        case .reject: 2
        }
    }

    /// Lower is better: quality first, then how soon and how fast the peer is likely to deliver.
    private func preference(_ judged: JudgedOffer) -> [Int] {
        let quality = judged.quality.flatMap(profile.qualities.firstIndex) ?? profile.qualities.count
        guard let peer = judged.offer.peer else { return [quality, 0, 0, 0] }
        let queue = [0, 10, 50].firstIndex { peer.queueLength <= $0 } ?? 3
        let speed = [2_000_000, 500_000].firstIndex { peer.uploadSpeed >= $0 } ?? 2
        return [quality, peer.hasFreeSlot ? 0 : 1, queue, speed]
    }
}
