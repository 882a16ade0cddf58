import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct WatchlistCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watchlist", abstract: "Watches artists and playlists: what is new is fetched.",
        subcommands: [List.self, Add.self, Remove.self, Pause.self, Resume.self, Run.self], defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists what is watched.")

        @Flag(help: "Print the gateway's answer as it is.")
        var json = false

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let answer = try await gateway.request(.get, "/api/v1/watchlist")
            if json { try printJSON(answer) } else { StandardOutput.write(WatchlistText.list(answer)) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Watches an artist, a playlist or the saved tracks from now on.",
            discussion: "What is there already is not fetched, unless --since or --backlog asks for it.")

        @Argument(help: "A link, or a key such as spotify:<artist id>.")
        var key: String

        @Option(help: "0 to 9; higher runs first.")
        var priority: Int?

        @Option(help: "Seconds from one look to the next.")
        var interval: Int?

        @Option(help: "The least number of seconds between two looks.")
        var cooldown: Int?

        @Option(help: "New jobs of one look at most.")
        var budget: Int?

        @Option(help: "Of an artist, also what came out since this day, YYYY-MM-DD.")
        var since: String?

        @Flag(help: "Everything that is there.")
        var backlog = false

        @Option(help: "For whom.")
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

/// Which entry a command is about.
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
        static let configuration = CommandConfiguration(abstract: "Watches no longer. Jobs stay.")

        @OptionGroup var watch: WatchOptions

        func run() async throws { _ = try await watch.send(.delete) }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Does not look for a while.")

        @OptionGroup var watch: WatchOptions

        @Option(help: "Why.")
        var reason: String?

        @Option(help: "When it goes on, such as 2030-01-01T00:00:00Z; until it is resumed when absent.")
        var until: String?

        func run() async throws {
            var body: [String: JSONValue] = [:]
            body["reason"] = reason.map { .string($0) }
            body["resume_at"] = until.map { .string($0) }
            try printJSON(try await watch.send(.post, "/pause", body))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Looks again.")

        @OptionGroup var watch: WatchOptions

        func run() async throws { try printJSON(try await watch.send(.post, "/resume")) }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Looks now, or as soon as the cooldown allows.")

        @OptionGroup var watch: WatchOptions

        func run() async throws { try printJSON(try await watch.send(.post, "/run")) }
    }
}

/// How the watchlist is printed for people.
enum WatchlistText {
    static func list(_ answer: JSONValue) -> String {
        guard case .array(let items)? = answer["items"], !items.isEmpty else { return "nothing is watched" }
        var table = TextTable("KEY", "PRIORITY", "NEXT", "STATE")
        for item in items {
            table.add(
                item["artist_key"]?.stringValue ?? "", item["priority"]?.integerValue.map { "\($0)" } ?? "",
                item["next_due"]?.stringValue ?? "", state(of: item))
        }
        return table.text
    }

    private static func state(of item: JSONValue) -> String {
        if item["paused"] == .bool(true) {
            return "paused" + (item["pause_reason"]?.stringValue.map { ": \($0)" } ?? "")
        }
        if let problem = item["error"]?["message"]?.stringValue { return problem }
        return item["running"] == .bool(true) ? "looking" : "watched"
    }
}
