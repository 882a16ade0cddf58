public import Foundation

/// Runs programs and waits for their end.
public enum ChildProcess {
    /// The output of a program.
    public struct Output: Sendable {
        /// Standard output and standard error, in their order.
        public let data: Data

        public var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// A program ended with a status other than 0.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs a program on a thread of its own and waits for its end.
    /// - Parameter input: The standard input.
    /// - Throws: ``Failure`` with the output if the status is not 0.
    public static func run(_ program: String, _ arguments: [String], input: Data = Data()) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(program, arguments, input: input) })
            }
        }
    }

    private static func runBlocking(_ program: String, _ arguments: [String], input: Data) throws -> Output {
        let process = Process()
        let stdin = Pipe()
        let stdout = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let command = ([program] + arguments).joined(separator: " ")
            let text = String(decoding: data.suffix(8192), as: UTF8.self)
            throw Failure(description: "\(command) exited with status \(process.terminationStatus):\n\(text)")
        }
        return Output(data: data)
    }
}
