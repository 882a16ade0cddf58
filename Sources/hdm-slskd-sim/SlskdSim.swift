import ArgumentParser
import Hummingbird
import TestSupport

/// The stand-in for slskd as a program, to look at HDM without an account.
@main
struct SlskdSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hdm-slskd-sim",
        abstract: "Answers like an slskd that is logged in and has no peers: its state and version, no searches.")

    @Option(help: "Where to listen.")
    var host = "127.0.0.1"

    @Option(help: "The port; slskd's own is 5030.")
    var port = 5030

    @Option(help: "The key that X-API-Key must hold.")
    var apiKey = "stand-in-key-0123456789"

    func run() async throws {
        try await SlskdStandIn(apiKey: apiKey).application(host: host, port: port).runService()
    }
}
