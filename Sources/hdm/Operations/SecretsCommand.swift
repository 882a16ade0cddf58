import Accounts
import ArgumentParser
import Contracts
import Foundation
import ServiceKit

struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Sets the stored secrets, and lists them.",
        discussion: "A change takes effect without a restart. A value in the environment overrides a stored one.",
        subcommands: [
            SecretsListCommand.self, SecretsSetCommand.self, SecretsUnsetCommand.self, SecretsKeygenCommand.self,
            SecretsRotateCommand.self,
        ])

    static let path = "/api/v1/settings/secrets"

    /// Prints the secrets of a response, which never contains their values.
    static func show(_ response: JSONValue) {
        var table = TextTable("NAME", "VALUE", "FROM", "SET", "REMARK")
        for item in response.list("items") {
            let value = item["present"] == true ? "…" + (item["last4"]?.stringValue ?? "") : "-"
            var remark = item["problem"]?.stringValue ?? ""
            if item["overridden"] == true { remark = "the environment overrides the stored value" }
            table.add(
                item["name"]?.stringValue ?? "", value, item["source"]?.stringValue ?? "-",
                item["updated_at"]?.stringValue ?? "-", remark)
        }
        StandardOutput.write(table.text)
    }
}

struct SecretsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the secrets with their origin and last four characters.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { SecretsCommand.show(try await gateway.request(.get, SecretsCommand.path)) }
}

struct SecretsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets a secret.",
        discussion:
            "The value is read from the terminal without echo, or from standard input. It is not an argument, because "
            + "arguments are visible to other users and in the shell's history.")

    @Argument(help: "SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET or SLSKD_API_KEY.")
    var name: String

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let value = try HiddenInput.read("\(name): ")
        let body = try ContractCoding.encode([name: value])
        SecretsCommand.show(try await gateway.request(.patch, SecretsCommand.path, body: body))
    }
}

struct SecretsUnsetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unset", abstract: "Removes a secret.")

    @Argument(help: "SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET or SLSKD_API_KEY.")
    var name: String

    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let body = try ContractCoding.encode([name: JSONValue.null])
        SecretsCommand.show(try await gateway.request(.patch, SecretsCommand.path, body: body))
    }
}

struct SecretsKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen", abstract: "Prints a new key for HDM_SECRETS_KEY or HDM_SECRETS_KEY_FILE.",
        discussion: "Only needed to replace the key that the planner creates by itself.")

    func run() throws { StandardOutput.write(SecretKey.make().text) }
}

struct SecretsRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Encrypts all secrets with another key.",
        discussion:
            "If the key is in a file that the planner may change, it creates a new key. Otherwise set the new key in "
            + "front of the old one, separated by a comma, restart, run this command, and remove the old key.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { try printJSON(try await gateway.request(.post, SecretsCommand.path + "/rotate")) }
}
