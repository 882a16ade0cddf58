import ArgumentParser
import Contracts
import Fakes
import Foundation
import ServiceKit
import TestSupport

/// Measures how long the gateway takes to answer submissions while every catalogue request of the planner hangs.
///
/// Rounds with and without hanging requests alternate, so that a change of the machine's speed affects both alike.
struct SubmissionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submissions",
        abstract: "Answer times of the gateway while catalogues hang, as a ratio to those while they do not.",
        discussion: "Runs the program hdm beside this one, with a private RabbitMQ.")

    @Option(help: "Submissions in a round.")
    var count = 200

    @Option(help: "Rounds of each kind.")
    var rounds = 5

    @Option(help: "Links that the planner reads at once while catalogues hang.")
    var links = 20

    func run() async throws {
        let catalogue = HangingService()
        let times = try await catalogue.run { catalogue in
            try await PrivateBroker.run { broker in
                try await ServiceStack.run(brokerURL: broker.url, settings: settings(catalogue)) { stack in
                    try await stack.start([.gateway, .planner])
                    try await stack.waitUntilReady([.gateway, .planner])
                    return try await measure(stack, catalogue)
                }
            }
        }
        StandardOutput.write(Self.table(free: times.free, hanging: times.hanging))
    }

    private func settings(_ catalogue: HangingService) -> [String: String] {
        [
            "HDM_MUSICBRAINZ": "true", "HDM_CONTACT": "bench@example.org", "MUSICBRAINZ_URL": catalogue.baseURL,
            "PROVIDER_MUSICBRAINZ_TIMEOUT_MS": "45000", "HARMONY_LOG_LEVEL": "warning",
        ]
    }

    private func measure(
        _ stack: ServiceStack, _ catalogue: HangingService
    ) async throws -> (free: [Double], hanging: [Double]) {
        // The first round warms up the processes and is not counted.
        _ = try await round(0, stack)
        var (free, hanging): ([Double], [Double]) = ([], [])
        for number in 1...rounds {
            free += try await round(2 * number, stack)
            let expansions = try await submitLinks(number, stack)
            try await eventually("a catalogue request hangs", timeout: .seconds(60)) { catalogue.openRequests > 0 }
            hanging += try await round(2 * number + 1, stack)
            for id in expansions { _ = try await stack.request(.post, "/api/v1/expansions/\(id)/cancel") }
        }
        return (free, hanging)
    }

    /// Submits tracks one after another.
    /// - Returns: the milliseconds that each answer took.
    private func round(_ number: Int, _ stack: ServiceStack) async throws -> [Double] {
        var times: [Double] = []
        for index in 0..<count {
            let item = SubmissionItem(track: Track(artist: "Bench \(number)", title: "Title \(index)"))
            let began = ContinuousClock.now
            _ = try await stack.submit(Submission(items: [item]))
            times.append(began.duration(to: .now) / .milliseconds(1))
        }
        return times
    }

    private func submitLinks(_ round: Int, _ stack: ServiceStack) async throws -> [JobID] {
        let items = (0..<links).map { index in
            #"{"link":"musicbrainz:artist:\#(UUID().uuidString.lowercased())","dedupe_key":"\#(round)-\#(index)"}"#
        }
        let body = Data(#"{"items":[\#(items.joined(separator: ","))]}"#.utf8)
        let response = try await stack.request(.post, "/api/v1/downloads", body: body)
        return try ContractCoding.decode(SubmissionResponse.self, from: response.body).expansions.map(\.expansionID)
    }

    private static func table(free: [Double], hanging: [Double]) -> String {
        func line(_ name: String, _ share: Double) -> String {
            let (one, other) = (percentile(free, share), percentile(hanging, share))
            return String(format: "%@ %8.2f ms %8.2f ms   ratio %.2f", name, one, other, other / one)
        }
        return """
            answer time of POST /api/v1/downloads, \(free.count) submissions of each kind
                    catalogues answer   catalogues hang
            \(line("p50", 0.5))
            \(line("p99", 0.99))
            """
    }

    private static func percentile(_ values: [Double], _ share: Double) -> Double {
        values.sorted()[min(values.count - 1, Int(Double(values.count) * share))]
    }
}
