import Contracts

/// Finds the files that people have judged among those that are offered.
struct VerdictMemory {
    enum Verdict {
        case approved, rejected
    }

    private let approved: Set<CandidateKey>
    private let rejected: Set<CandidateKey>
    /// Keys begin with a size: most files are told apart by it, without making their keys.
    private let sizes: Set<Substring>

    init(_ verdicts: Verdicts) {
        approved = Set(verdicts.approved)
        rejected = Set(verdicts.rejected)
        sizes = Set((verdicts.approved + verdicts.rejected).map { $0.rawValue.prefix { $0 != "/" } })
    }

    /// Rejected wins: it is the verdict that keeps a wrong file out of the library.
    func verdict(on offer: OfferedFile) -> Verdict? {
        guard !sizes.isEmpty, sizes.contains(Substring(String(offer.size))) else { return nil }
        let key = offer.key
        if rejected.contains(key) { return .rejected }
        return approved.contains(key) ? .approved : nil
    }
}
