import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct ReviewsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reviews", abstract: "Shows doubtful matches and takes your decisions about them.",
        subcommands: [List.self, Show.self, Approve.self, Reject.self, Search.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them, oldest first.")

        @Option(help: "open, approved, rejected, searching, superseded, several with commas, or all.")
        var status = "open"

        @Option(help: "How many, 1 to 100.")
        var limit = 20

        @Option(help: "How many to pass over.")
        var offset = 0

        @Flag(help: "Print the gateway's answer as it is.")
        var json = false

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let query = "?status=\(status.escapedForPath)&limit=\(limit)&offset=\(offset)"
            let page = try await gateway.request(.get, "/api/v1/reviews" + query)
            if json { try printJSON(page) } else { StandardOutput.write(ReviewsText.list(page)) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one with all its evidence.")

        @OptionGroup var review: ReviewOptions

        func run() async throws {
            let answer = try await review.gateway.request(.get, review.path)
            if review.json { try printJSON(answer) } else { StandardOutput.write(ReviewsText.review(answer)) }
        }
    }
}

/// Which review a command is about.
struct ReviewOptions: ParsableArguments {
    @Argument(help: "The job's id.")
    var job: String

    @Flag(help: "Print the gateway's answer as it is.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    var path: String { "/api/v1/reviews/\(job.escapedForPath)" }

    /// Sends a decision and says what became of it.
    func decide(_ verb: String, _ body: [String: JSONValue]) async throws {
        let answer = try await gateway.request(.post, "\(path)/\(verb)", body: try ContractCoding.encode(body))
        if json { try printJSON(answer) } else { StandardOutput.write(ReviewsText.outcome(of: answer)) }
    }
}

// MARK: - Decisions

extension ReviewsCommand {
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a file: it is downloaded, checked and filed.",
            discussion: "Without --candidate and --file there must be exactly one candidate.")

        @OptionGroup var review: ReviewOptions

        @Option(help: "The candidate's number, as 'reviews show' prints it.")
        var candidate: Int?

        @Option(help: "The file's key, as 'reviews show' prints it; also that of a refused file.")
        var file: String?

        func validate() throws {
            guard candidate == nil || file == nil else { throw ValidationError("give --candidate or --file, not both") }
        }

        func run() async throws {
            var body: [String: JSONValue] = [:]
            if let candidate { body["candidate"] = .integer(Int64(candidate)) }
            if let file { body["key"] = .string(file) }
            try await review.decide("approve", body)
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuses files for good, all candidates unless some are named.",
            discussion: "When none is left the job is cancelled. A rejected file is not offered for this track again.")

        @OptionGroup var review: ReviewOptions

        @Option(help: "A candidate's number, as 'reviews show' prints it; may be given several times.")
        var candidate: [Int] = []

        @Option(help: "A file's key, as 'reviews show' prints it; may be given several times.")
        var file: [String] = []

        func validate() throws {
            guard candidate.isEmpty || file.isEmpty else {
                throw ValidationError("give --candidate or --file, not both")
            }
        }

        func run() async throws {
            var body: [String: JSONValue] = [:]
            if !candidate.isEmpty { body["candidates"] = .array(candidate.map { .integer(Int64($0)) }) }
            if !file.isEmpty { body["keys"] = .array(file.map { .string($0) }) }
            try await review.decide("reject", body)
        }
    }

    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Searches again, with your words.")

        @OptionGroup var review: ReviewOptions

        @Argument(help: "The words.")
        var words: [String]

        func run() async throws { try await review.decide("search", ["query": .string(words.joined(separator: " "))]) }
    }
}
