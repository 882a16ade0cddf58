import AMQP
import ArgumentParser
import Contracts
import Foundation
import Logging
import ServiceKit

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks settings, volumes and the broker, and prints what to do.",
        discussion: "Exits with 0 if all checks pass, 78 for a setting, 71 for a volume, 69 for a dependency.")

    func run() async throws {
        let settings = try ServiceSettings(try await Settings.load(), for: .gateway)
        report("settings", .ok)
        var volumesAreFine = true
        for (name, folder) in [("downloads", settings.downloadsDir), ("music", settings.musicDir)] {
            let result = await VolumeCheck(folder).run()
            report(name, result)
            volumesAreFine = volumesAreFine && result.isFine
        }
        let broker = await Self.brokerResult(settings)
        report("broker", broker)
        guard volumesAreFine else { throw ExitCode(ExitStatus.volume) }
        guard broker.isFine else { throw ExitCode(ExitStatus.unavailable) }
    }

    private func report(_ name: String, _ result: CheckResult) {
        switch result {
        case .ok: StandardOutput.write("ok    \(name)")
        case .noted(let remark): StandardOutput.write("ok    \(name): \(remark)")
        case .failing(let reason): StandardOutput.write("FAIL  \(name): \(reason)")
        }
    }

    private static func brokerResult(_ settings: ServiceSettings) async -> CheckResult {
        var configuration = ConnectionConfiguration(addresses: settings.brokers, name: "hdm doctor")
        configuration.tls = settings.tls
        let connection = AMQPConnection(configuration, logger: Logger(label: "hdm") { _ in SwiftLogNoOpLogHandler() })
        let opened = await Result { try await connection.waitUntilOpen(timeout: .seconds(10)) }
        await connection.close()
        switch opened {
        case .success: return .ok
        case .failure(let error): return .failing("\(error)")
        }
    }
}
