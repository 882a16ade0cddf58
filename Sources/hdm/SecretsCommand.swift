import ArgumentParser
import Contracts
import Foundation
import Metadata
import ServiceKit

struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Sets secrets that the gateway keeps, and shows which there are.",
        discussion: "A change takes effect without a restart. What the environment says wins over what is set here.",
        subcommands: [
            SecretsListCommand.self, SecretsSetCommand.self, SecretsUnsetCommand.self, SecretsKeygenCommand.self,
            SecretsRotateCommand.self,
        ])

    static let path = "/api/v1/settings/secrets"

    /// Shows the secrets of an answer, without their values, which no answer has.
    static func show(_ answer: JSONValue) {
        var table = TextTable("NAME", "VALUE", "FROM", "SET", "REMARK")
        for item in answer.list("items") {
            let value = item["present"] == true ? "…" + (item["last4"]?.stringValue ?? "") : "-"
            var remark = item["problem"]?.stringValue ?? ""
            if item["overridden"] == true { remark = "the environment wins over the stored one" }
            table.add(
                item["name"]?.stringValue ?? "", value, item["source"]?.stringValue ?? "-",
                item["updated_at"]?.stringValue ?? "-", remark)
        }
        StandardOutput.write(table.text)
    }
}

struct SecretsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows which secrets are set, from where, and their last four characters.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { SecretsCommand.show(try await gateway.request(.get, SecretsCommand.path)) }
}

struct SecretsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets a secret.",
        discussion: "The value is asked for without being shown, or read from standard input; it is never an argument, "
            + "which other users of the machine and the shell's history would see.")

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
        discussion: "Needed only by those who do not want the key that the gateway makes for itself.")

    func run() throws { StandardOutput.write(SecretKey.make().text) }
}

struct SecretsRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Seals everything with another key.",
        discussion: "Where the key is in a file that the gateway may change, a new key is made. Where it is in the "
            + "environment or in a file of somebody else's: put the new key in front of the old one, separated by a "
            + "comma, restart, run this, and take the old one out.")

    @OptionGroup var gateway: GatewayOptions

    func run() async throws { try printJSON(try await gateway.request(.post, SecretsCommand.path + "/rotate")) }
}
