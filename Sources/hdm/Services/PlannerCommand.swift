import ArgumentParser

struct PlannerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planner",
        abstract: "Runs the planner: turns links, watched artists and playlists, and gaps in the library into jobs.")

    func run() async throws { try await ServiceCatalog.run(.planner) }
}
