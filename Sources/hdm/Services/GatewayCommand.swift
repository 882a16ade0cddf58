import ArgumentParser

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Runs the gateway: accepts requests over HTTP and AMQP, and reports on their jobs.")

    func run() async throws { try await ServiceCatalog.run(.gateway) }
}
