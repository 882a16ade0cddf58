import ArgumentParser

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Runs the move service: moves tagged files into the library and overwrites no file.")

    func run() async throws { try await ServiceCatalog.run(.move) }
}
