import Contracts

/// The duration on which independent peers agree, for a request without one.
///
/// Copies of one recording are spread over peers, while a cut, a concert or a mislabelled file is rare. So peers that
/// offer the same name with the same duration tell which recording is meant.
struct DurationConsensus {
    let durationMS: Int

    /// The fewest peers that agree.
    private static let leastPeers = 3

    /// - Returns: `nil` if fewer than three peers agree, or fewer than two thirds of those with a possible file.
    init?(_ judged: [JudgedOffer]) {
        let opinions = Self.opinions(judged)
        let best = opinions.map { opinion in
            (duration: opinion.durationMS, peers: Self.peers(opinions, around: opinion.durationMS))
        }.max { ($0.peers.count, $1.duration) < ($1.peers.count, $0.duration) }
        let all = Set(opinions.map(\.peer)).count
        guard let best, best.peers.count >= Self.leastPeers, best.peers.count * 3 >= all * 2 else { return nil }
        durationMS = best.duration
    }

    private typealias Opinion = (peer: String, durationMS: Int)

    private static func opinions(_ judged: [JudgedOffer]) -> [Opinion] {
        judged.compactMap { offer in
            guard offer.vetoes.isEmpty, !offer.evidence.isFarSpelling, let duration = offer.durationMS, duration > 0
            else { return nil }
            return (offer.offer.user ?? offer.offer.source, duration)
        }
    }

    private static func peers(_ opinions: [Opinion], around duration: Int) -> Set<String> {
        Set(opinions.filter { DurationTolerance.sameRelease.accepts($0.durationMS, for: duration) }.map(\.peer))
    }
}
