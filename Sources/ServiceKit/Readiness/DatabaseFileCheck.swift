public import Foundation
import NIOPosix

/// Whether a database's file is still the one that was opened.
///
/// SQLite goes on writing to a file that was removed or replaced below it, or whose volume was unmounted: every query
/// succeeds, and all of it is lost with the process.
public struct DatabaseFileCheck: Sendable {
    private struct Identity: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
    }

    private let file: URL
    private let opened: Identity?

    /// Remembers the file, which must have been opened before. Blocks for a moment.
    public init(_ file: URL) {
        self.file = file
        opened = Self.identity(of: file)
    }

    /// Compares the file with the one that was opened, and then asks the database.
    ///
    /// - Parameter query: Reads something; what it throws is the reason why the check fails.
    public func run(_ query: @Sendable () async throws -> Void) async -> CheckResult {
        do {
            let present = try await NIOThreadPool.singleton.runIfActive { Self.identity(of: file) }
            guard let present else {
                return .failing("\(file.path) is gone; bring its volume back, or restart the service to begin anew")
            }
            guard present == opened else {
                return .failing("\(file.path) was replaced while it was in use; restart the service")
            }
            try await query()
            return .ok
        } catch {
            return .failing("\(file.path) cannot be used: \(error)")
        }
    }

    private static func identity(of file: URL) -> Identity? {
        var status = stat()
        guard stat(file.path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
