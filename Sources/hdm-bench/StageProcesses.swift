import Contracts
import Foundation
import TestSupport

/// The four stages as processes.
final class StageProcesses {
    enum Kind: String, CaseIterable, Sendable { case hdm, raw }

    private let processes: [Process]

    init(_ kind: Kind, brokerURL: String, concurrency: Int, folder: URL) throws {
        processes = try Stage.allCases.enumerated().map { index, stage in
            let process = Process()
            process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments =
                kind == .hdm ? ["stage", stage.rawValue] : ["raw-stage", stage.rawValue, String(concurrency)]
            process.environment = [
                "HDM_AMQP_URL": brokerURL, "DOWNLOADS_DIR": folder.path, "HDM_HTTP_PORT": "0",
                "HDM_HTTP_HOST": "127.0.0.1", "WORKER_CONCURRENCY": String(concurrency), "HARMONY_LOG_LEVEL": "error",
            ]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            return process
        }
    }

    /// The CPU seconds that all processes have used so far.
    var cpuSeconds: Double { usages.map(\.cpuSeconds).reduce(0, +) }

    /// The resident memory of the largest process, in MB.
    var largestResidentMB: Double { Double(usages.map(\.residentBytes).max() ?? 0) / 1_048_576 }

    private var usages: [ProcessUsage] { processes.compactMap { ProcessUsage(of: $0.processIdentifier) } }

    func stop() {
        for process in processes { kill(process.processIdentifier, SIGKILL) }
        for process in processes { process.waitUntilExit() }
    }
}
