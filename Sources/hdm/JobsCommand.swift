import ArgumentParser
import Contracts
import Foundation
import HTTPClient

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Lists jobs, or shows one with its timeline.")

    @Argument(help: "A job's id.")
    var job: String?

    @Option(help: "Only jobs in this state.")
    var status: String?

    @Option(help: "Only jobs of this batch.")
    var batch: String?

    @Option(help: "How many, 1 to 100.")
    var limit = 20

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        if let job {
            try printJSON(try await gateway.request(.get, "/api/v1/downloads/\(escaped(job))"))
        } else {
            var query = ["limit=\(limit)"]
            if let status { query.append("status=\(escaped(status))") }
            if let batch { query.append("batch_id=\(escaped(batch))") }
            try printJSON(try await gateway.request(.get, "/api/v1/downloads?" + query.joined(separator: "&")))
        }
    }

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
