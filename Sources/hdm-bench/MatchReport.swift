import Foundation

/// The figures of one kind of search, in milliseconds per 1000 offers.
struct MatchFigures: Codable, Sendable {
    var kind: MatchWorkload.Kind
    /// The first search of its kind in the process; the other figures do not include it.
    var firstMS: Double
    var bestMS: Double
    var medianMS: Double
    var worstMS: Double
    /// Accepted offers, to detect a run that is fast because it decides nothing.
    var accepted: Int
}

/// The figures of all kinds.
struct MatchReport: Codable, Sendable {
    var offers: Int
    var rounds: Int
    var figures: [MatchFigures]

    /// A table for people.
    var table: String {
        let rows = figures.map { figure in
            figure.kind.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
                + String(
                    format: "%10.2f%10.2f%10.2f%10.2f%10d", figure.firstMS, figure.bestMS, figure.medianMS,
                    figure.worstMS, figure.accepted)
        }
        let head = "kind             first      best    median     worst  accepted"
        return (["ms per 1000 offers, \(offers) a search, \(rounds) rounds", head] + rows).joined(separator: "\n")
    }
}
