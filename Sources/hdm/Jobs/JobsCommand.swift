import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Lists jobs, or shows one with its timeline; cancels or restarts jobs.",
        subcommands: [List.self, Cancel.self, Retry.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists jobs, or shows one with its timeline.")

        @Argument(help: "The id of the job to show.")
        var job: String?

        @Option(help: "Only jobs in this state.")
        var status: String?

        @Option(help: "Only jobs of this batch.")
        var batch: String?

        @Flag(help: "Only monitored jobs.")
        var standing = false

        @Option(help: "The number of jobs, 1 to 100.")
        var limit = 20

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            if let job {
                return try printJSON(try await gateway.request(.get, "/api/v1/downloads/\(job.escapedForPath)"))
            }
            var query = ["limit=\(limit)"]
            if let status { query.append("status=\(status.escapedForPath)") }
            if let batch { query.append("batch_id=\(batch.escapedForPath)") }
            if standing { query.append("standing=true") }
            try printJSON(try await gateway.request(.get, "/api/v1/downloads?" + query.joined(separator: "&")))
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancels jobs in any state.",
            discussion:
                "A file that is in the library stays there, as its job has ended. Exits with 1 if a job was not "
                + "cancelled; the others are cancelled all the same.")

        @OptionGroup var jobs: JobArguments

        func run() async throws {
            try await jobs.each("cancelled") { _ = try await jobs.gateway.request(.delete, $0) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Restarts cancelled jobs at the first stage.",
            discussion: "Dead letters are requeued with POST /api/v1/dlq/requeue.")

        @OptionGroup var jobs: JobArguments

        func run() async throws {
            try await jobs.each("queued") { _ = try await jobs.gateway.request(.post, $0 + "/retry") }
        }
    }
}

/// The arguments of commands for several jobs.
struct JobArguments: ParsableArguments {
    @Argument(help: "The jobs' ids.")
    var jobs: [String]

    @OptionGroup var gateway: GatewayOptions

    /// Performs an action on the path of each job, and prints its result.
    /// - Parameter done: the word that is printed after success.
    /// - Throws: ``CommandFailure`` when the action failed for a job.
    func each(_ done: String, _ act: (String) async throws -> Void) async throws {
        var failures = 0
        for job in jobs {
            do {
                try await act("/api/v1/downloads/\(job.escapedForPath)")
                StandardOutput.write("\(job.harmless): \(done)")
            } catch let failure as CommandFailure {
                failures += 1
                StandardError.write("\(job.harmless): \(failure.message ?? "")\n")
            }
        }
        if failures > 0 { throw CommandFailure(status: 1, "the command failed for \(failures) of \(jobs.count) jobs") }
    }
}
