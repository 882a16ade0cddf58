import ArgumentParser
import Contracts
import Foundation
import ServiceKit

struct SpotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spotify", abstract: "Signs in at Spotify, and shows whether somebody is.",
        subcommands: [SpotifyLoginCommand.self, SpotifyStatusCommand.self, SpotifyLogoutCommand.self])
}

struct SpotifyStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows whether Spotify can be used, and until when.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { try printJSON(try await gateway.request(.get, "/api/v1/spotify/status")) }
}

struct SpotifyLogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forgets the tokens.",
        discussion: "The consent itself is taken back at Spotify: account, manage apps.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { try printJSON(try await gateway.request(.delete, "/api/v1/spotify/pro/oauth")) }
}

struct SpotifyLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Signs in at Spotify.",
        discussion:
            "Prints an address to open in a browser, and waits. When the browser cannot reach this machine, paste "
            + "the address of the page that it ends at, although that page shows an error.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let start = try await gateway.request(.post, "/api/v1/spotify/pro/oauth/start")
        guard let address = start["authorization_url"]?.stringValue, let state = start["state"]?.stringValue else {
            throw CommandFailure(status: ExitStatus.software, "the gateway's answer has no address")
        }
        say("Open this address in a browser and agree:\n\n\(address)\n")
        say("Waiting until \(start["expires_at"]?.stringValue ?? "it expires").")
        say(
            "Did the browser end at \(start["redirect_uri"]?.stringValue ?? "an address") with an error? Paste the whole"
        )
        say("address from its address bar here, and press Enter:")
        try await wait(for: state)
        try printJSON(try await gateway.request(.get, "/api/v1/spotify/status"))
    }

    /// Asks once a second, and hands on what is pasted meanwhile.
    private func wait(for state: String) async throws {
        let pasted = PastedLines()
        while true {
            for line in pasted.take() { await complete(line) }
            let status = try await gateway.request(.get, "/api/v1/oauth/status/\(state)")
            switch status["status"]?.stringValue {
            case "pending": try await Task.sleep(for: .seconds(1))
            case "completed": return
            default:
                let reason = status["message"]?.stringValue ?? "the sign-in has expired; start it again"
                throw CommandFailure(status: ExitStatus.unavailable, reason)
            }
        }
    }

    private func complete(_ line: String) async {
        do {
            let body = try ContractCoding.encode(["redirect_url": line])
            _ = try await gateway.request(.post, "/api/v1/oauth/manual", body: body)
        } catch {
            say(CommandFailure(error).message ?? "that could not be used")
        }
    }

    /// For people; what programs read goes to standard output.
    private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
