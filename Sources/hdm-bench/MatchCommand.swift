import ArgumentParser
import Contracts
import Foundation
import Matching
import ServiceKit

/// Measures how long the matcher needs for the offers of one search, on one core.
struct MatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Milliseconds to judge 1000 offers: of one artist, mixed, in other scripts.")

    @Option(help: "The number of offers in one search.")
    var offers = 1000

    @Option(help: "Searches of each kind; the report has their median.")
    var rounds = 101

    @Option(help: "A file to which the figures are written as JSON as well.")
    var json: String?

    func validate() throws {
        guard offers > 0, rounds > 0 else { throw ValidationError("--offers and --rounds must be greater than 0") }
    }

    func run() throws {
        Matcher().warmUp()
        let figures = MatchWorkload.Kind.allCases.map { measure(MatchWorkload($0, count: offers)) }
        let report = MatchReport(offers: offers, rounds: rounds, figures: figures)
        StandardOutput.write(report.table)
        if let json { try ContractCoding.encode(report, sorted: true).write(to: URL(filePath: json)) }
    }

    private func measure(_ workload: MatchWorkload) -> MatchFigures {
        let first = judge(workload)
        let times = (0..<rounds).map { _ in judge(workload).time }.sorted()
        return MatchFigures(
            kind: workload.kind, firstMS: first.time, bestMS: times[0], medianMS: times[times.count / 2],
            worstMS: times[times.count - 1], accepted: first.accepted)
    }

    /// Returns the milliseconds per 1000 offers, and the number of accepted offers.
    private func judge(_ workload: MatchWorkload) -> (time: Double, accepted: Int) {
        let begin = ContinuousClock.now
        let decision = Matcher().judge(wanted: workload.track, offers: workload.offers)
        let time = begin.duration(to: .now) / .milliseconds(1) * 1000 / Double(offers)
        return (time, decision.ranked.count { $0.outcome == .accept })
    }
}
