import ArgumentParser
import Contracts
import Foundation

/// The program `hdm`: the services, and the commands for operators.
@main
struct Hdm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hdm",
        abstract: "Harmony Download Manager: finds, downloads, verifies, tags and files requested recordings.",
        discussion: "Settings come from the environment, or from the file that HDM_CONFIG_FILE names.",
        version: Product.version,
        subcommands: [
            GatewayCommand.self, MatchCommand.self, DownloadCommand.self, TagCommand.self, MoveCommand.self,
            RecoveryCommand.self, PlannerCommand.self, AllCommand.self, TopologyCommand.self, SubmitCommand.self,
            ImportCommand.self,
            WatchlistCommand.self, BackfillCommand.self, JobsCommand.self, BatchCommand.self,
            WhyCommand.self, ReviewsCommand.self, DoctorCommand.self, HealthCommand.self,
            SecretsCommand.self, SpotifyCommand.self,
        ])

    static func main() async {
        // A closed pipe is then an error of the write and does not end the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try CommandFailure.checkOutput()
        } catch {
            CommandFailure(error).exit()
        }
    }
}
