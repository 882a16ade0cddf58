import Contracts
import Matching

extension MatchDecision {
    /// Why nothing was accepted, in a sentence for a person.
    var explanation: String {
        guard let best = ranked.first else { return "no source offers a file that resembles the track" }
        let name = best.offer.path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let score = String(Int((best.score * 100).rounded()))
        let against = best.vetoes.map(\.reason).joined(separator: ", ")
        let reason = against.isEmpty ? "scored \(score) of 100" : against
        return
            "\(ranked.count) files were looked at; the nearest, '\(name.prefix(utf8: 200))', was not taken: \(reason)"
    }

    /// What goes into the job. An accepted match names only files that are accepted themselves: the download stage
    /// falls back from one to the next without asking.
    var candidates: MatchSection {
        var section = section(limit: 10)
        guard outcome == .accept else { return section }
        let accepted = Set(
            ranked.filter { $0.outcome == .accept }.map { Key($0.offer.source, $0.offer.user, $0.offer.path) })
        section.candidates.removeAll { !accepted.contains(Key($0.source, $0.user, $0.path)) }
        return section
    }

    private struct Key: Hashable {
        let source: String
        let user: String?
        let path: String

        init(_ source: String, _ user: String?, _ path: String) {
            self.source = source
            self.user = user
            self.path = path
        }
    }
}
