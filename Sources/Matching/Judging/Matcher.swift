public import Contracts

/// Finds the wanted recording among offered files, or rejects them all.
///
/// Pure and deterministic: the order of the offers does not change the decision. Identity is decided first. Quality and
/// peers only order offers of the same recording.
public struct Matcher: Sendable {
    public var profile: MatchProfile

    public init(profile: MatchProfile = MatchProfile()) { self.profile = profile }

    /// Judges all offers for a track.
    ///
    /// - Parameters:
    ///   - verdicts: The decisions of people about files for this track. An approved file is accepted and ranked first,
    ///     unless it is locked. A rejected file is left out.
    ///   - albumTracks: How many tracks the album has, if other tracks of it are wanted as well. Then the wanted edition
    ///     comes before the quality, and a folder with the whole album before its peer's queue and speed.
    public func judge(
        wanted track: Track, offers: [OfferedFile], verdicts: Verdicts = Verdicts(), albumTracks: Int? = nil
    ) -> MatchDecision {
        let memory = VerdictLookup(verdicts)
        var judged = judgements(track, offers, memory)
        if track.durationMS == nil, let duration = DurationConsensus(judged)?.durationMS {
            var track = track
            track.durationMS = duration
            judged = judgements(track, offers, memory)
        }
        demoteOtherSpellings(&judged)
        demoteTranslations(&judged)
        var decision = decision(ranked(judged, albumTracks.map { AlbumFolders(offers, tracks: $0) }))
        decision.leftOut = offers.count - judged.count
        return decision
    }

    private func judgements(_ track: Track, _ offers: [OfferedFile], _ memory: VerdictLookup) -> [JudgedOffer] {
        var reader = OfferReader(wanted: track, profile: profile)
        var judged: [JudgedOffer] = []
        judged.reserveCapacity(offers.count)
        for offer in offers {
            let verdict = memory.verdict(on: offer)
            if verdict != .rejected { judged.append(judge(offer, &reader, isApproved: verdict == .approved)) }
        }
        return judged
    }

    /// Changes accepted offers to review if their title is only similar and another offer has the exact title. They may
    /// be another piece.
    private func demoteOtherSpellings(_ judged: inout [JudgedOffer]) {
        guard judged.contains(where: { $0.outcome == .accept && $0.evidence.title == 1 }) else { return }
        for index in judged.indices where judged[index].outcome == .accept {
            let isNamedOtherwise = judged[index].evidence.isIdentifiedByPosition && !judged[index].isApproved
            if isNamedOtherwise { judged[index].outcome = .review }
        }
    }

    /// Changes accepted offers to review if words beside the title can name a version, and no other peer has the same
    /// file under the plain name.
    private func demoteTranslations(_ judged: inout [JudgedOffer]) {
        let plain = judged.filter { $0.outcome == .accept && !$0.evidence.hasTranslation }
        for index in judged.indices where judged[index].outcome == .accept && judged[index].evidence.hasTranslation {
            let offer = judged[index].offer
            let isKnown =
                judged[index].isApproved
                || plain.contains { $0.offer.size == offer.size && $0.offer.user != offer.user }
            if !isKnown { judged[index].outcome = .review }
        }
    }

    private func judge(_ offer: OfferedFile, _ reader: inout OfferReader, isApproved: Bool) -> JudgedOffer {
        let (evidence, quality) = reader.read(offer)
        let isAccepted = isApproved && !offer.isLocked && offer.hasPossibleName
        return JudgedOffer(
            offer: offer, outcome: isAccepted ? .accept : outcome(evidence), score: evidence.score,
            vetoes: evidence.vetoes, quality: quality.qualityClass, isApproved: isAccepted, evidence: evidence,
            durationMS: quality.durationMS)
    }

    private func outcome(_ evidence: Evidence) -> MatchOutcome {
        guard evidence.vetoes.isEmpty, evidence.score >= profile.review else { return .reject }
        return evidence.score >= profile.accept && !evidence.isDoubtful ? .accept : .review
    }

    /// Returns the decision. A person decides between two offers that may be wanted and are different recordings.
    private func decision(_ ranked: [JudgedOffer]) -> MatchDecision {
        guard let first = ranked.first else { return MatchDecision(outcome: .reject, ranked: [], runnerUp: nil) }
        guard !first.isApproved, let rival = rival(of: first, ranked) else {
            return MatchDecision(outcome: first.outcome, ranked: ranked, runnerUp: nil)
        }
        let isContested = first.outcome == .accept && rival.margin < profile.margin
        return MatchDecision(outcome: isContested ? .review : first.outcome, ranked: ranked, runnerUp: rival)
    }

    /// Returns the best offer that may be wanted, but is another recording than the first.
    private func rival(of first: JudgedOffer, _ ranked: [JudgedOffer]) -> RunnerUp? {
        let possible = ranked.prefix { $0.outcome != .reject }
        // If one offer has the exact title, the other spellings are typing errors of it.
        let hasExact = possible.contains { $0.outcome == .accept && $0.evidence.otherSpelling == nil }
        return possible.filter { isOther($0, first, hasExact) && mayContest($0, first) }
            .map { RunnerUp(offer: $0, margin: lead(of: first, over: $0)) }.min { $0.margin < $1.margin }
    }

    /// Returns whether an offer can contest the first one. A doubtful offer cannot contest an accepted one.
    private func mayContest(_ rival: JudgedOffer, _ first: JudgedOffer) -> Bool {
        first.outcome != .accept || !rival.evidence.isDoubtful
    }

    private func isOther(_ a: JudgedOffer, _ b: JudgedOffer, _ hasExact: Bool) -> Bool {
        if !hasExact, a.evidence.otherSpelling != b.evidence.otherSpelling { return true }
        guard let x = a.durationMS, let y = b.durationMS else { return false }
        return !profile.possibleRecording.accepts(x, for: y)
    }

    /// Returns the lead of the first offer. It is larger than the difference of the scores if only the first offer has
    /// the wanted title and duration, because in the score a folder name can outweigh some seconds.
    private func lead(of first: JudgedOffer, over rival: JudgedOffer) -> Double {
        let lead = first.score - rival.score
        return first.evidence.isCertain && !rival.evidence.isCertain ? lead + Self.certainLead : lead
    }

    private static let certainLead = 0.05
}
