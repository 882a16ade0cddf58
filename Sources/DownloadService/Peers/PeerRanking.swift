import Contracts

/// Sorts equally good candidates by the trust in their peers, and leaves out banned peers.
///
/// Identity and quality have precedence: a trusted peer never moves a worse file ahead.
struct PeerRanking: Sendable {
    let records: [String: PeerRecord]

    /// Scores that differ by less than this count as equal.
    private static let sameScore = 0.02

    func ranked(_ candidates: [Candidate]) -> [Candidate] {
        let allowed = candidates.filter { !isBanned($0) }
        return Self.runs(allowed).flatMap { run in
            // The sort is stable, so the matcher's order remains for equal peers.
            run.enumerated().sorted { a, b in
                let (x, y) = (trust(a.element), trust(b.element))
                return x == y ? a.offset < b.offset : x > y
            }.map(\.element)
        }
    }

    func isBanned(_ candidate: Candidate) -> Bool { candidate.user.flatMap { records[$0] }?.isBanned ?? false }

    /// In tenths, because smaller differences are random.
    private func trust(_ candidate: Candidate) -> Int {
        guard let user = candidate.user else { return .max }
        let record = records[user] ?? PeerRecord(user: user, at: .now)
        return Int((record.trust * 10).rounded())
    }

    private static func runs(_ candidates: [Candidate]) -> [[Candidate]] {
        candidates.reduce(into: []) { runs, candidate in
            if let first = runs.last?.first, isEqual(first, candidate) {
                runs[runs.count - 1].append(candidate)
            } else {
                runs.append([candidate])
            }
        }
    }

    private static func isEqual(_ a: Candidate, _ b: Candidate) -> Bool {
        a.source == b.source && a.quality == b.quality && abs(a.score - b.score) < sameScore
    }
}
