import ArgumentParser
import Contracts
import Foundation
import ServiceKit

struct SpotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spotify", abstract: "Signs in to Spotify, and shows the state of the sign-in.",
        subcommands: [SpotifyLoginCommand.self, SpotifyStatusCommand.self, SpotifyLogoutCommand.self])
}

struct SpotifyStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows whether Spotify is available, and until when.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { try printJSON(try await gateway.request(.get, "/api/v1/spotify/status")) }
}

struct SpotifyLogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Deletes the tokens.",
        discussion: "To revoke the consent itself, use Spotify: account, manage apps.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { try printJSON(try await gateway.request(.delete, "/api/v1/spotify/pro/oauth")) }
}

struct SpotifyLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Signs in to Spotify.",
        discussion:
            "Prints an address to open in a browser, and waits. If the browser cannot reach this machine, paste the "
            + "address of the last page, even if that page shows an error.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let start = try await gateway.request(.post, "/api/v1/spotify/pro/oauth/start")
        guard let address = start["authorization_url"]?.stringValue, let state = start["state"]?.stringValue else {
            throw CommandFailure(status: ExitStatus.software, "the gateway's response contains no address")
        }
        say("Open this address in a browser and accept:\n\n\(address)\n")
        say("Waiting until \(start["expires_at"]?.stringValue ?? "it expires").")
        say(
            "If the browser shows an error at \(start["redirect_uri"]?.stringValue ?? "an address"), paste the whole"
        )
        say("address from its address bar here and press Enter:")
        try await wait(for: state)
        try printJSON(try await gateway.request(.get, "/api/v1/spotify/status"))
    }

    /// Polls the status once a second, and sends pasted addresses to the gateway.
    private func wait(for state: String) async throws {
        let pasted = PastedLines()
        while true {
            for line in pasted.next() { await complete(line) }
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
            say(CommandFailure(error).message ?? "the address is not valid")
        }
    }

    /// Prints a text for people to standard error. Output for programs goes to standard output.
    private func say(_ text: String) { StandardError.write(text + "\n") }
}
