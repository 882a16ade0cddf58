import Contracts

/// The duration on which independent peers agree, for a request without one.
///
/// Copies of one recording are spread over peers, while a cut, a concert or a mislabelled file is rare. So peers that
/// offer the same name with the same duration tell which recording is meant.
struct DurationConsensus {
    let durationMS: Int

    /// The fewest peers that agree.
    private static let leastPeers = 3

    /// - Returns: `nil` if fewer than three peers agree, or fewer than twice as many as on any other duration.
    init?(_ judged: [JudgedOffer]) {
        let opinions = Self.opinions(judged)
        let groups = opinions.map { (durationMS: $0.durationMS, peers: Self.peers(opinions, around: $0.durationMS)) }
        let best = groups.max { ($0.peers.count, $1.durationMS) < ($1.peers.count, $0.durationMS) }
        guard let best, best.peers.count >= Self.leastPeers else { return nil }
        let others = groups.filter { !DurationTolerance.sameRecording.accepts($0.durationMS, for: best.durationMS) }
        guard others.allSatisfy({ best.peers.count >= $0.peers.count * 2 }) else { return nil }
        durationMS = best.durationMS
    }

    private typealias Opinion = (peer: String, durationMS: Int)

    private static func opinions(_ judged: [JudgedOffer]) -> [Opinion] {
        judged.compactMap { offer in
            guard offer.vetoes.isEmpty, !offer.evidence.isFarSpelling, offer.evidence.artist > 0.5,
                let duration = offer.durationMS, duration > 0
            else { return nil }
            return (offer.offer.user ?? offer.offer.source, duration)
        }
    }

    private static func peers(_ opinions: [Opinion], around duration: Int) -> Set<String> {
        Set(opinions.filter { DurationTolerance.sameRelease.accepts($0.durationMS, for: duration) }.map(\.peer))
    }
}
