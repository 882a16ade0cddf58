import ArgumentParser

struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Runs the tag service: verifies the files and writes tags to copies of them.")

    func run() async throws { try await ServiceCatalog.run(.tag) }
}
