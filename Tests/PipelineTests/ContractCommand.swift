import Foundation
import TestSupport

/// The exit status and the output of a run of `hdm`.
struct ContractCommand: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// Runs `hdm` and waits for its end, at most a minute; then the status is 124.
    /// - Parameter settings: The whole environment of the process.
    static func run(_ arguments: String..., settings: [String: String] = [:]) async throws -> ContractCommand {
        try await run(arguments, settings: settings)
    }

    static func run(_ arguments: [String], settings: [String: String]) async throws -> ContractCommand {
        let program = try HdmProgram.url.path
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking([program] + arguments, settings) })
            }
        }
    }

    private static func runBlocking(_ command: [String], _ settings: [String: String]) throws -> ContractCommand {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=5", "60"] + command
        process.environment = settings
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // Standard error is short, so it fits into the pipe while the output is read.
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        let complained = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return ContractCommand(
            status: process.terminationStatus, output: String(decoding: printed, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self))
    }
}
