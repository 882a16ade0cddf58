import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct ReviewsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reviews", abstract: "Lists matches in review, and sends decisions about them.",
        subcommands: [List.self, Show.self, Approve.self, Reject.self, Search.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists reviews, the oldest first.")

        @Option(help: "open, approved, rejected, searching or superseded; several with commas; or all.")
        var status = "open"

        @Option(help: "The number of reviews, 1 to 100.")
        var limit = 20

        @Option(help: "The number of reviews to skip.")
        var offset = 0

        @Flag(help: "Print the gateway's response as JSON.")
        var json = false

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let query = "?status=\(status.escapedForPath)&limit=\(limit)&offset=\(offset)"
            let page = try await gateway.request(.get, "/api/v1/reviews" + query)
            if json { try printJSON(page) } else { StandardOutput.write(ReviewsText.list(page)) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one review with all its evidence.")

        @OptionGroup var review: ReviewOptions

        func run() async throws {
            let response = try await review.gateway.request(.get, review.path)
            if review.json { try printJSON(response) } else { StandardOutput.write(ReviewsText.review(response)) }
        }
    }
}

/// The arguments of commands for one review.
struct ReviewOptions: ParsableArguments {
    @Argument(help: "The job's id.")
    var job: String

    @Flag(help: "Print the gateway's response as JSON.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    var path: String { "/api/v1/reviews/\(job.escapedForPath)" }

    /// Sends a decision and prints its result.
    func decide(_ verb: String, _ body: [String: JSONValue]) async throws {
        let response = try await gateway.request(.post, "\(path)/\(verb)", body: try ContractCoding.encode(body))
        if json { try printJSON(response) } else { StandardOutput.write(ReviewsText.outcome(of: response)) }
    }
}
