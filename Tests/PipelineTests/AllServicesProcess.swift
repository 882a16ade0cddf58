import Contracts
import Foundation
import TestSupport

/// `hdm all` on the folders and the gateway's port of a stack whose own processes do not run.
final class AllServicesProcess {
    private let process = Process()

    /// - Parameter output: the standard output of the process.
    init(_ stack: ServiceStack, brokerURL: String, output: FileHandle) throws {
        let port = stack.address(of: .gateway).split(separator: ":").last.map(String.init) ?? ""
        process.executableURL = try HdmProgram.url
        process.arguments = ["all"]
        process.environment = [
            "APP_PORT": port, "HDM_HTTP_PORT": "0", "HDM_AMQP_URL": brokerURL, "DOWNLOADS_DIR": stack.downloads.path,
            "MUSIC_DIR": stack.music.path, "HDM_STATE_DIR": stack.folder.path("state"),
            "IDEMPOTENCY_SQLITE_PATH": stack.folder.path("state/idempotency.db"),
            "HDM_FOLDER_SOURCE_DIRS": stack.source.path, "HARMONY_LOG_LEVEL": "debug", "RETRY_BASE_SECONDS": "1",
            "HDM_SHUTDOWN_GRACE_S": "2", "TMPDIR": stack.folder.path,
        ]
        try stack.folder.folder("state")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Stops the process with SIGTERM, and with SIGKILL when it does not end.
    /// - Returns: the exit status; `nil` after a SIGKILL.
    func stop(isolation: isolated (any Actor)? = #isolation) async throws -> Int32? {
        process.terminate()
        do {
            try await eventually("the process has ended") { !process.isRunning }
            return process.terminationStatus
        } catch is NotInTime {
            kill()
            return nil
        }
    }

    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Where the log of a process goes in a test.
enum LogSink: String, CaseIterable, Sendable {
    /// A pipe that is open at both ends and that nobody reads.
    case unreadPipe
    /// A pipe whose reader has gone.
    case closedPipe
    /// A disk without space.
    case fullDisk

    /// - Returns: the descriptor for the process, and one that the test keeps open.
    func open() throws -> (output: FileHandle, kept: FileHandle?) {
        switch self {
        case .unreadPipe:
            let pipe = try Self.smallPipe()
            return (pipe.fileHandleForWriting, pipe.fileHandleForReading)
        case .closedPipe:
            let pipe = try Self.smallPipe()
            try pipe.fileHandleForReading.close()
            return (pipe.fileHandleForWriting, nil)
        case .fullDisk: return (try FileHandle(forWritingTo: URL(filePath: "/dev/full")), nil)
        }
    }

    /// A pipe that takes one page, so that a few lines fill it.
    static func smallPipe() throws -> Pipe {
        let setSize: Int32 = 1031
        let pipe = Pipe()
        guard fcntl(pipe.fileHandleForWriting.fileDescriptor, setSize, 4096) >= 0 else {
            throw NotInTime(description: "the pipe cannot be made smaller")
        }
        return pipe
    }
}
