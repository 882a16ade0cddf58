public import Foundation

/// Runs a program to its end.
public enum ChildProcess {
    /// What a program left.
    public struct Output: Sendable {
        /// Standard output and standard error, in the order in which they were written.
        public let data: Data

        public var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// The program ended with another status than 0.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs a program with `input` as its standard input and waits for its end, on a thread of its own.
    /// - Throws: ``Failure`` with the output when its status is not 0.
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
            throw Failure(description: "\(command) ended with \(process.terminationStatus):\n\(text)")
        }
        return Output(data: data)
    }
}
