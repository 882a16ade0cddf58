import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Lists jobs, or shows one with its timeline; cancels them or tries them again.",
        subcommands: [List.self, Cancel.self, Retry.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists jobs, or shows one with its timeline.")

        @Argument(help: "A job's id.")
        var job: String?

        @Option(help: "Only jobs in this state.")
        var status: String?

        @Option(help: "Only jobs of this batch.")
        var batch: String?

        @Flag(help: "Only standing jobs.")
        var standing = false

        @Option(help: "How many, 1 to 100.")
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
            abstract: "Cancels jobs, wherever they are.",
            discussion: "What is in the library already stays there: such a job has ended. Exits with 1 when a job "
                + "could not be cancelled, after it has tried the others.")

        @OptionGroup var jobs: JobArguments

        func run() async throws {
            try await jobs.each("cancelled") { _ = try await jobs.gateway.request(.delete, $0) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries cancelled jobs again, from the beginning.",
            discussion: "Dead letters go back to work over /api/v1/dlq/requeue.")

        @OptionGroup var jobs: JobArguments

        func run() async throws {
            try await jobs.each("queued") { _ = try await jobs.gateway.request(.post, $0 + "/retry") }
        }
    }
}

/// The jobs that a command is about.
struct JobArguments: ParsableArguments {
    @Argument(help: "The jobs' ids.")
    var jobs: [String]

    @OptionGroup var gateway: GatewayOptions

    /// Does something with each job, given its path, and says what became of it.
    /// - Throws: ``CommandFailure`` when that did not work with all of them.
    func each(_ done: String, _ act: (String) async throws -> Void) async throws {
        var failures = 0
        for job in jobs {
            do {
                try await act("/api/v1/downloads/\(job.escapedForPath)")
                StandardOutput.write("\(job.harmless): \(done)")
            } catch let failure as CommandFailure {
                failures += 1
                FileHandle.standardError.write(Data("\(job.harmless): \(failure.message ?? "")\n".utf8))
            }
        }
        if failures > 0 { throw CommandFailure(status: 1, "\(failures) of \(jobs.count) could not be done") }
    }
}
