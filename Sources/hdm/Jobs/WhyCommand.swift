import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Explains why a match was accepted, is in review, or was rejected.")

    @Argument(help: "The job's id.")
    var job: String

    @Flag(help: "Print the gateway's response as JSON.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let match = try await gateway.request(.get, "/api/v1/matches/\(job.escapedForPath)")
        if json { try printJSON(match) } else { StandardOutput.write(ReviewsText.match(match)) }
    }
}
