import Contracts

/// Looks up the verdicts of people for offered files.
struct VerdictLookup {
    enum Verdict {
        case approved, rejected
    }

    private let approved: Set<CandidateKey>
    private let rejected: Set<CandidateKey>
    /// The sizes in the keys. They exclude most offers without computing a key.
    private let sizes: Set<Substring>

    init(_ verdicts: Verdicts) {
        approved = Set(verdicts.approved)
        rejected = Set(verdicts.rejected)
        sizes = Set((verdicts.approved + verdicts.rejected).map { $0.rawValue.prefix { $0 != "/" } })
    }

    /// Returns the verdict for an offer. A rejection has precedence, because it keeps a wrong file out of the library.
    func verdict(on offer: OfferedFile) -> Verdict? {
        guard !sizes.isEmpty, sizes.contains(Substring(String(offer.size))) else { return nil }
        let key = offer.key
        if rejected.contains(key) { return .rejected }
        return approved.contains(key) ? .approved : nil
    }
}
