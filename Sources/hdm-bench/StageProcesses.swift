import Contracts
import Foundation

/// The four stages as processes, and what they used.
final class StageProcesses {
    /// What is measured.
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

    /// CPU seconds that the processes have used so far, together.
    var cpuSeconds: Double {
        processes.map { process in
            let fields = Self.proc(process, "stat").split(separator: " ")
            guard fields.count > 14, let user = Double(fields[13]), let system = Double(fields[14]) else { return 0 }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }.reduce(0, +)
    }

    /// Resident memory of the largest, in MB.
    var largestResidentMB: Double {
        processes.map { process in
            let pages = Self.proc(process, "statm").split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
            return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
        }.max() ?? 0
    }

    func stop() {
        for process in processes { kill(process.processIdentifier, SIGKILL) }
        for process in processes { process.waitUntilExit() }
    }

    private static func proc(_ process: Process, _ file: String) -> String {
        (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/\(file)", encoding: .utf8)) ?? ""
    }
}
