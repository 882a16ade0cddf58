public import Contracts

/// An offer and what speaks for and against it.
public struct JudgedOffer: Sendable {
    public var offer: OfferedFile
    public var outcome: MatchOutcome
    /// How sure it is that this is the wanted recording, 0 … 1; quality and peers have no part in it.
    public var score: Double
    public var vetoes: [Veto]
    public var quality: QualityClass?
    let evidence: Evidence

    /// The parts of the score by name, each 0 … 1.
    public var components: [String: Double] { evidence.components }
}

/// The verdict over all offers for a track.
public struct MatchDecision: Sendable {
    public var outcome: MatchOutcome
    /// The best first: accepted ones by quality and then by peer, the others by score.
    public var ranked: [JudgedOffer]

    /// What a job document keeps: the first offers that nothing speaks against, at most ten.
    ///
    /// Empty when none is left; the score is then that of the best refused one.
    public func section(limit: Int = 10) -> MatchSection {
        let candidates = ranked.filter { $0.outcome != .reject }.prefix(min(max(limit, 0), 10)).map { judged in
            var candidate = Candidate(
                source: judged.offer.source, user: judged.offer.user, path: judged.offer.path,
                size: judged.offer.size, score: judged.score)
            candidate.durationMS = judged.offer.durationMS
            candidate.bitrateKbps = judged.offer.bitrateKbps
            return candidate
        }
        return MatchSection(
            score: ranked.first?.score ?? 0, components: ranked.first?.components ?? [:], candidates: Array(candidates))
    }
}
