import ArgumentParser
import Contracts
import Foundation
import HTTPClient

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Requests the tracks of links or of lists: text, CSV, M3U, JSON.",
        discussion: """
            hdm import https://open.spotify.com/playlist/… spotify:album:…
            hdm import tracks.txt exported.csv party.m3u8
            hdm import --format text - < tracks.txt
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, csv, m3u, json

        /// The format for the extension of a file's name; text for an unknown one.
        init(fileName: String) {
            switch fileName.split(separator: ".").last?.lowercased() {
            case "csv", "tsv": self = .csv
            case "m3u", "m3u8": self = .m3u
            case "json": self = .json
            default: self = .text
            }
        }

        var contentType: String {
            switch self {
            case .text: "text/plain; charset=utf-8"
            case .csv: "text/csv; charset=utf-8"
            case .m3u: "audio/x-mpegurl"
            case .json: "application/json"
            }
        }
    }

    @Argument(help: "Links and files; - for standard input.")
    var sources: [String]

    @Option(help: "The format of files whose name has no known extension.")
    var format: Format?

    @Option(help: "0 to 9; higher runs first.")
    var priority: Int?

    @Option(help: "manual, watchlist or backfill.")
    var kind: String?

    @Option(help: "The id of the batch.")
    var batch: String?

    @Option(help: "The person who requests the tracks.")
    var requestedBy: String?

    @Flag(help: "Download again what was already processed.")
    var force = false

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let links = sources.filter { CatalogueLink.looksLikeLink($0) }
        if !links.isEmpty { try await send(Data(links.joined(separator: "\n").utf8), .text) }
        for file in sources where !CatalogueLink.looksLikeLink(file) {
            try await send(try content(of: file), format ?? Format(fileName: file))
        }
    }

    private func send(_ body: Data, _ format: Format) async throws {
        let response = try await gateway.request(
            .post, "/api/v1/imports/free" + query, body: body, contentType: format.contentType)
        try printJSON(response)
    }

    private var query: String {
        var parts: [String] = []
        if let priority { parts.append("priority=\(priority)") }
        if let kind { parts.append("kind=\(kind.escapedForPath)") }
        if let batch { parts.append("batch_id=\(batch.escapedForPath)") }
        if let requestedBy { parts.append("requested_by=\(requestedBy.escapedForPath)") }
        if force { parts.append("force=true") }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    private func content(of file: String) throws -> Data {
        if file == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("\(file) cannot be read")
        }
        return data
    }
}
