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
    var round: String { requeues == 0 ? "\(section.round)" : "\(section.round)+\(requeues)" }

    /// The candidate whose transfer is under way comes first. Those that were given up are left out, unless nothing else
    /// is there: then they get another chance.
    func ordered(_ candidates: [Candidate]) -> [Candidate] {
        let left = candidates.filter { !isGivenUp($0) }
        let chosen = left.isEmpty ? candidates : left
        return chosen.filter(isUnderWay) + chosen.filter { !isUnderWay($0) }
    }

    /// When the fetching of a candidate began, where that was on an earlier delivery.
    func since(_ candidate: Candidate) -> Timestamp? { isUnderWay(candidate) ? section.since : nil }

    private func isUnderWay(_ candidate: Candidate) -> Bool {
        section.path.map { $0.utf8.elementsEqual(candidate.path.utf8) } == true && section.user == candidate.user
            && section.size == candidate.size
    }

    private func isGivenUp(_ candidate: Candidate) -> Bool {
        section.givenUp.contains { $0.user == candidate.user && $0.key == candidate.key }
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
        givenUp.removeAll { $0.user == candidate.user && $0.key == candidate.key }
        givenUp.append(GivenUp(user: candidate.user, key: candidate.key, code: code))
        givenUp.removeFirst(max(0, givenUp.count - Self.mostGivenUp))
    }
}
