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
        let peers = Self.peers(judged)
        let groups = peers.keys.map { second in
            (second: second, peers: (second - 2...second + 2).reduce(into: Set()) { $0.formUnion(peers[$1] ?? []) })
        }
        let best = groups.max { ($0.peers.count, $1.second) < ($1.peers.count, $0.second) }
        guard let best, best.peers.count >= Self.leastPeers else { return nil }
        let others = groups.filter {
            !DurationTolerance.sameRecording.accepts($0.second * 1000, for: best.second * 1000)
        }
        guard others.allSatisfy({ best.peers.count >= $0.peers.count * 2 }) else { return nil }
        durationMS = best.second * 1000
    }

    /// Returns the peers with a possible file of each duration in seconds.
    private static func peers(_ judged: [JudgedOffer]) -> [Int: Set<String>] {
        judged.reduce(into: [:]) { peers, offer in
            guard offer.vetoes.isEmpty, !offer.evidence.isFarSpelling, offer.evidence.artist > 0.5,
                let duration = offer.durationMS, (1...Limits.milliseconds).contains(duration)
            else { return }
            peers[(duration + 500) / 1000, default: []].insert(offer.offer.user ?? offer.offer.source)
        }
    }
}
