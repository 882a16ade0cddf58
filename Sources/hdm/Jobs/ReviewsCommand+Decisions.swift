import ArgumentParser
import Contracts

// The commands that decide about a match.
extension ReviewsCommand {
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accepts a file: it is downloaded, verified and filed.",
            discussion: "Without --candidate and --file there must be exactly one candidate.")

        @OptionGroup var review: ReviewOptions

        @Option(help: "The candidate's number, as 'reviews show' prints it.")
        var candidate: Int?

        @Option(help: "The file's key, as 'reviews show' prints it; a rejected file is allowed.")
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
            abstract: "Rejects files permanently: those that are named, or all candidates.",
            discussion:
                "If no candidate remains, the job is cancelled. A rejected file is never again a candidate for this track."
        )

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
        static let configuration = CommandConfiguration(abstract: "Searches again with other words.")

        @OptionGroup var review: ReviewOptions

        @Argument(help: "The words.")
        var words: [String]

        func run() async throws { try await review.decide("search", ["query": .string(words.joined(separator: " "))]) }
    }
}
