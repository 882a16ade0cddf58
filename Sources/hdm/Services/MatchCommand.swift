import ArgumentParser

struct MatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Runs the match service: searches for candidates of the wanted recordings.",
        discussion: "The subcommand evaluates recorded searches instead.", subcommands: [MatchEvaluateCommand.self])

    func run() async throws { try await ServiceCatalog.run(.match) }
}
