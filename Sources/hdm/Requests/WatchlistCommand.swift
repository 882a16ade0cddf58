import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct WatchlistCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watchlist", abstract: "Watches artists and playlists, and requests their new tracks.",
        subcommands: [List.self, Add.self, Remove.self, Pause.self, Resume.self, Run.self], defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the watched artists and playlists.")

        @Flag(help: "Print the gateway's response as JSON.")
        var json = false

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let response = try await gateway.request(.get, "/api/v1/watchlist")
            if json { try printJSON(response) } else { StandardOutput.write(WatchlistText.list(response)) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts to watch an artist, a playlist or the saved tracks.",
            discussion: "Tracks that exist already are not requested without --since or --backlog.")

        @Argument(help: "A link, or a key such as spotify:<artist id>.")
        var key: String

        @Option(help: "0 to 9; higher runs first.")
        var priority: Int?

        @Option(help: "The seconds between two checks.")
        var interval: Int?

        @Option(help: "The shortest time between two checks, in seconds.")
        var cooldown: Int?

        @Option(help: "The most new jobs of one check.")
        var budget: Int?

        @Option(help: "For an artist, also request releases since this day, YYYY-MM-DD.")
        var since: String?

        @Flag(help: "Also request everything that exists already.")
        var backlog = false

        @Option(help: "The person who requests the tracks.")
        var requestedBy: String?

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            var body: [String: JSONValue] = ["artist_key": .string(key)]
            let numbers = [
                "priority": priority, "interval_seconds": interval, "cooldown_seconds": cooldown, "budget": budget,
            ]
            for (name, value) in numbers { body[name] = value.map { .integer(Int64($0)) } }
            body["since"] = since.map { .string($0) }
            body["requested_by"] = requestedBy.map { .string($0) }
            if backlog { body["backlog"] = .bool(true) }
            try printJSON(
                try await gateway.request(.post, "/api/v1/watchlist", body: try ContractCoding.encode(body)))
        }
    }
}

/// The arguments of commands for one entry.
struct WatchOptions: ParsableArguments {
    @Argument(help: "The key, as 'watchlist list' prints it, or a link.")
    var key: String

    @OptionGroup var gateway: GatewayOptions

    func send(_ method: HTTPMethod, _ verb: String = "", _ body: [String: JSONValue] = [:]) async throws -> JSONValue {
        try await gateway.request(
            method, "/api/v1/watchlist/\(key.escapedForPath)\(verb)", body: try ContractCoding.encode(body))
    }
}

extension WatchlistCommand {
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stops watching. Jobs stay.")

        @OptionGroup var watch: WatchOptions

        func run() async throws { _ = try await watch.send(.delete) }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pauses an entry.")

        @OptionGroup var watch: WatchOptions

        @Option(help: "The reason.")
        var reason: String?

        @Option(help: "When it resumes by itself, such as 2030-01-01T00:00:00Z.")
        var until: String?

        func run() async throws {
            var body: [String: JSONValue] = [:]
            body["reason"] = reason.map { .string($0) }
            body["resume_at"] = until.map { .string($0) }
            try printJSON(try await watch.send(.post, "/pause", body))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Resumes an entry.")

        @OptionGroup var watch: WatchOptions

        func run() async throws { try printJSON(try await watch.send(.post, "/resume")) }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks an entry now, or when its cooldown ends.")

        @OptionGroup var watch: WatchOptions

        func run() async throws { try printJSON(try await watch.send(.post, "/run")) }
    }
}
