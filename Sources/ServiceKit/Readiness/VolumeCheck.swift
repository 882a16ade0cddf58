public import Foundation
public import NIOPosix

/// Whether a folder can be written to, tried by writing.
public struct VolumeCheck: Sendable {
    private let folder: URL
    private let pool: NIOThreadPool

    public init(_ folder: URL, pool: NIOThreadPool = .singleton) {
        self.folder = folder
        self.pool = pool
    }

    /// Makes, writes and removes a small file in the folder, which must exist.
    public func run() async -> CheckResult {
        do {
            return try await pool.runIfActive { Self.probe(folder) }
        } catch {
            return .failing("the check could not run: \(error)")
        }
    }

    private static func probe(_ folder: URL) -> CheckResult {
        let path = folder.appending(path: ".hdm-probe-\(UUID().uuidString)").path
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return failure(folder, errno) }
        defer {
            close(descriptor)
            unlink(path)
        }
        guard write(descriptor, "hdm", 3) == 3 else { return failure(folder, errno) }
        return .ok
    }

    private static func failure(_ folder: URL, _ code: Int32) -> CheckResult {
        let reason = String(cString: strerror(code))
        return .failing(
            "\(folder.path) cannot be written by user \(geteuid()): \(reason); check that it is mounted and who owns it"
        )
    }
}
