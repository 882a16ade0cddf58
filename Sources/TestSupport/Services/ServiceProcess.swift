import Contracts
public import Foundation

/// One service of HDM as a real process. Ended by its own process id only.
final class ServiceProcess {
    let service: ServiceName
    private let process = Process()
    private let log: FileHandle

    /// Starts the program. Its log is appended to `logFile`.
    init(_ service: ServiceName, environment: [String: String], logFile: URL) throws {
        self.service = service
        if !FileManager.default.fileExists(atPath: logFile.path) {
            try Data().write(to: logFile)
        }
        log = try FileHandle(forWritingTo: logFile)
        try log.seekToEnd()
        process.executableURL = try HdmProgram.url
        process.arguments = [service.rawValue]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// `nil` when the process is gone.
    var usage: ProcessUsage? { ProcessUsage(of: process.processIdentifier) }

    /// SIGKILL: nothing is finished, nothing is said.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? log.close()
    }

    /// SIGTERM, and SIGKILL when it is not gone in time.
    /// - Returns: the exit status; `nil` when it had to be killed.
    func stop(
        timeout: Duration = .seconds(45), isolation: isolated (any Actor)? = #isolation
    ) async throws -> Int32? {
        process.terminate()
        do {
            try await eventually("\(service) has ended", timeout: timeout) { !process.isRunning }
        } catch is NotInTime {
            kill()
            return nil
        }
        try? log.close()
        return process.terminationStatus
    }
}

/// The program that was built with the tests.
public enum HdmProgram {
    /// It is not there; build it with the tests.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where it is: beside the test program.
    public static var url: URL {
        get throws {
            let places: [String?] = [
                Bundle.main.executableURL?.deletingLastPathComponent().path, PackageRoot.path(".build/debug"),
                PackageRoot.path(".build/release"),
            ]
            for place in places.compactMap({ $0 }) {
                let program = "\(place)/hdm"
                if FileManager.default.isExecutableFile(atPath: program) { return URL(filePath: program) }
            }
            throw Missing(description: "the program hdm is not built; run swift build --build-tests")
        }
    }
}
