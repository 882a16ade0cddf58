import Contracts
public import Foundation

/// One service of HDM as a process.
final class ServiceProcess {
    let service: ServiceName
    private let process = Process()
    private let log: FileHandle

    /// Starts the service. Its output is appended to `logFile`.
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

    /// The usage of the process; `nil` after its end.
    var usage: ProcessUsage? { ProcessUsage(of: process.processIdentifier) }

    /// Sends a signal, unless the process has ended.
    func signal(_ number: Int32) {
        if process.isRunning { Foundation.kill(process.processIdentifier, number) }
    }

    /// Kills the process with SIGKILL and waits for its end.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? log.close()
    }

    /// Stops the process with SIGTERM, and with SIGKILL after the timeout.
    /// - Returns: The exit status; `nil` after a SIGKILL.
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

/// The program `hdm` that was built with the tests.
public enum HdmProgram {
    /// The program was not built.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The path of the program, in the folder of the test program.
    public static var url: URL {
        get throws {
            let folders: [String?] = [
                Bundle.main.executableURL?.deletingLastPathComponent().path, PackageRoot.path(".build/debug"),
                PackageRoot.path(".build/release"),
            ]
            for folder in folders.compactMap({ $0 }) {
                let program = "\(folder)/hdm"
                if FileManager.default.isExecutableFile(atPath: program) { return URL(filePath: program) }
            }
            throw Missing(description: "the program hdm does not exist; run swift build --build-tests")
        }
    }
}
