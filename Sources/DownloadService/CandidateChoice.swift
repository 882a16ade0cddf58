import Contracts

/// Which candidates of a job are to be tried, and in what order, after what was tried before.
struct CandidateChoice: Sendable, Equatable {
    /// What the job says of its transfer.
    let section: TransferSection
    private let requeues: Int

    init(_ job: JobDocument, requeues: Int) {
        section = job.transfer ?? TransferSection()
        self.requeues = requeues
    }

    /// Names the transfers of this round: those of another are other ones, and an operator's requeue begins anew.
    var round: String { name(ofRound: section.round) }

    /// The few rounds before.
    var earlierRounds: [String] { (1...3).map { section.round - $0 }.filter { $0 > 0 }.map(name) }

    private func name(ofRound round: Int) -> String { requeues == 0 ? "\(round)" : "\(round)+\(requeues)" }

    /// The candidate whose transfer is under way comes first. Those that were given up are left out, unless nothing else
    /// is there: then those of earlier rounds get another chance, but for files that came and were false.
    func ordered(_ candidates: [Candidate]) -> [Candidate] {
        let left = candidates.filter { note(on: $0) == nil }
        let chosen = left.isEmpty ? candidates.filter(mayBeTriedAgain) : left
        return chosen.filter(section.isAbout) + chosen.filter { !section.isAbout($0) }
    }

    /// When the fetching of a candidate began, where that was on an earlier delivery.
    func since(_ candidate: Candidate) -> Timestamp? { section.isAbout(candidate) ? section.since : nil }

    private func mayBeTriedAgain(_ candidate: Candidate) -> Bool {
        note(on: candidate).map { !$0.isFalse && $0.round != section.round } ?? true
    }

    private func note(on candidate: Candidate) -> TransferSection.FailedCandidate? {
        section.note(on: candidate.user, candidate.key)
    }
}

extension TransferSection {
    /// A candidate is being fetched.
    mutating func begin(_ candidate: Candidate, since: Timestamp) {
        (path, user, size) = (candidate.path, candidate.user, candidate.size)
        self.since = since
    }

    /// The one that was being fetched is so no more.
    mutating func end() { (path, user, size, since) = (nil, nil, nil, nil) }

    /// A candidate could not be fetched.
    mutating func giveUp(_ candidate: Candidate, _ code: String) {
        end()
        giveUp(candidate.user, candidate.key, code)
    }
}
