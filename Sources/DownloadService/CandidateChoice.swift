import Contracts

/// Selects the candidates of a job to try, in order, from what earlier deliveries have tried.
struct CandidateChoice: Sendable, Equatable {
    /// The job's transfer section.
    let section: TransferSection
    private let requeues: Int
    /// Files that a person approved, whatever earlier passes found.
    private let approved: [CandidateKey]

    init(_ job: JobDocument, requeues: Int) {
        section = job.transfer ?? TransferSection()
        self.requeues = requeues
        approved = job.verdicts?.approved ?? []
    }

    /// The round as part of the transfers' identity. A requeue by an operator starts new transfers.
    var round: String { name(ofRound: section.round) }

    /// The last three rounds before this one.
    var earlierRounds: [String] { (1...3).map { section.round - $0 }.filter { $0 > 0 }.map(name) }

    private func name(ofRound round: Int) -> String { requeues == 0 ? "\(round)" : "\(round)+\(requeues)" }

    /// Returns the candidates to try. The candidate with a running transfer is first.
    ///
    /// Failed candidates are left out. When no other remains, those of earlier rounds are tried again, except
    /// mislabelled files.
    func ordered(_ candidates: [Candidate]) -> [Candidate] {
        let left = candidates.filter { failure(of: $0) == nil }
        let chosen = left.isEmpty ? candidates.filter(mayBeTriedAgain) : left
        return chosen.filter(section.describes) + chosen.filter { !section.describes($0) }
    }

    /// Returns when an earlier delivery started to fetch a candidate; `nil` when none did.
    func since(_ candidate: Candidate) -> Timestamp? { section.describes(candidate) ? section.since : nil }

    private func mayBeTriedAgain(_ candidate: Candidate) -> Bool {
        failure(of: candidate).map {
            $0.round != section.round && (!$0.isWrongFile || approved.contains(candidate.key))
        } ?? true
    }

    private func failure(of candidate: Candidate) -> TransferSection.FailedCandidate? {
        section.failure(of: candidate.user, candidate.key)
    }
}

extension TransferSection {
    /// Records that a candidate is being fetched.
    mutating func begin(_ candidate: Candidate, since: Timestamp) {
        (path, user, size) = (candidate.path, candidate.user, candidate.size)
        self.since = since
    }

    /// Records that no candidate is being fetched.
    mutating func end() { (path, user, size, since) = (nil, nil, nil, nil) }

    /// Records that a candidate could not be fetched.
    mutating func fail(_ candidate: Candidate, _ code: String) {
        end()
        recordFailure(candidate.user, candidate.key, code)
    }
}
