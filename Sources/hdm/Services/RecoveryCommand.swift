import ArgumentParser

struct RecoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Runs the recovery service: indexes dead letters, and requeues or purges them.")

    func run() async throws { try await ServiceCatalog.run(.recovery) }
}
