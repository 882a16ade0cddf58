import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Says why a recording was taken for a job, is doubtful, or was refused.")

    @Argument(help: "A job's id.")
    var job: String

    @Flag(help: "Print the gateway's answer as it is.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let match = try await gateway.request(.get, "/api/v1/matches/\(job.escapedForPath)")
        if json { try printJSON(match) } else { StandardOutput.write(ReviewsText.match(match)) }
    }
}

extension String {
    /// The text as one part of a path, or as a value of a query.
    var escapedForPath: String { addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
