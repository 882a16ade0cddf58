import ArgumentParser

struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Runs the download service: copies the matched files to the downloads folder.")

    func run() async throws { try await ServiceCatalog.run(.download) }
}
