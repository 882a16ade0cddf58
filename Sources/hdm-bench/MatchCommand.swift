import ArgumentParser
import Contracts
import Foundation
import Matching
import ServiceKit

/// How long it takes to judge the answer of a search, on one core.
struct MatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Milliseconds to judge 1000 offers: of one artist, mixed, in other scripts.")

    @Option(help: "Offers in one search.")
    var offers = 1000

    @Option(help: "Searches of each kind; the median counts.")
    var rounds = 101

    @Option(help: "Also writes the figures as JSON to this file.")
    var json: String?

    func validate() throws {
        guard offers > 0, rounds > 0 else { throw ValidationError("--offers and --rounds must be greater than 0") }
    }

    func run() throws {
        let figures = MatchWorkload.Kind.allCases.map { measure(MatchWorkload($0, count: offers)) }
        let report = MatchReport(offers: offers, rounds: rounds, figures: figures)
        StandardOutput.write(report.table)
        if let json { try ContractCoding.encode(report, sorted: true).write(to: URL(filePath: json)) }
    }

    private func measure(_ workload: MatchWorkload) -> MatchFigures {
        // What a process reads once is not read again for each search.
        let first = judge(workload)
        let times = (0..<rounds).map { _ in judge(workload).time }.sorted()
        return MatchFigures(
            kind: workload.kind, firstMS: first.time, bestMS: times[0], medianMS: times[times.count / 2],
            worstMS: times[times.count - 1], accepted: first.accepted)
    }

    /// Milliseconds per 1000 offers, and how many were accepted.
    private func judge(_ workload: MatchWorkload) -> (time: Double, accepted: Int) {
        let begin = ContinuousClock.now
        let decision = Matcher().judge(wanted: workload.track, offers: workload.offers)
        let time = begin.duration(to: .now) / .milliseconds(1) * 1000 / Double(offers)
        return (time, decision.ranked.count { $0.outcome == .accept })
    }
}

/// What judging one kind of search took.
struct MatchFigures: Codable, Sendable {
    var kind: MatchWorkload.Kind
    /// Milliseconds per 1000 offers, as all below: the first search of its kind in the process, which is not among the
    /// others.
    var firstMS: Double
    var bestMS: Double
    var medianMS: Double
    var worstMS: Double
    /// Offers that were accepted, so that a fast run that decides nothing shows.
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
