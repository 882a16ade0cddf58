import ArgumentParser
import Contracts
import Foundation
import HTTPClient

struct BackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Fills gaps: metadata of library files, albums with missing tracks, requests without a match.",
        subcommands: [Run.self, List.self, Show.self, Pause.self, Resume.self, Cancel.self],
        defaultSubcommand: List.self)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Starts a backfill.")

        @Option(help: "The most files and requests to look up, 1 to 10000.")
        var maxItems: Int?

        @Flag(help: "Do not request the missing tracks of albums.")
        var withoutAlbums = false

        @Flag(help: "Also look up files whose metadata is complete.")
        var anew = false

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            var body: [String: JSONValue] = [:]
            body["max_items"] = maxItems.map { .integer(Int64($0)) }
            if withoutAlbums { body["expand_playlists"] = .bool(false) }
            if anew { body["include_cached_results"] = .bool(false) }
            try printJSON(
                try await gateway.request(
                    .post, "/api/v1/spotify/backfill/run", body: try ContractCoding.encode(body)))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists backfills, the newest first.")

        @Option(help: "The number of backfills, 1 to 50.")
        var limit = 20

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            try printJSON(try await gateway.request(.get, "/api/v1/spotify/backfill/jobs?limit=\(limit)"))
        }
    }
}

/// The arguments of commands for one backfill.
struct BackfillOptions: ParsableArguments {
    @Argument(help: "The id of the backfill.")
    var id: String

    @OptionGroup var gateway: GatewayOptions

    func send(_ method: HTTPMethod, _ verb: String = "") async throws {
        let path = "/api/v1/spotify/backfill/jobs/\(id.escapedForPath)\(verb)"
        try printJSON(try await gateway.request(method, path))
    }
}

extension BackfillCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a backfill with its counts.")

        @OptionGroup var backfill: BackfillOptions

        func run() async throws { try await backfill.send(.get) }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pauses a backfill until it is resumed.")

        @OptionGroup var backfill: BackfillOptions

        func run() async throws { try await backfill.send(.post, "/pause") }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Resumes a backfill.")

        @OptionGroup var backfill: BackfillOptions

        func run() async throws { try await backfill.send(.post, "/resume") }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancels a backfill. Its results so far stay.")

        @OptionGroup var backfill: BackfillOptions

        func run() async throws { try await backfill.send(.post, "/cancel") }
    }
}
