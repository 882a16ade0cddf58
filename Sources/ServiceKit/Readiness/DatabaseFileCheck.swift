import Files
public import Foundation

/// A readiness check that compares a database's file with the one that was opened.
///
/// SQLite continues to write to a file that was removed or replaced, or whose volume was unmounted. Every query then
/// succeeds, and all data is lost with the process.
public struct DatabaseFileCheck: Sendable {
    private struct Identity: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
    }

    private let file: URL
    private let opened: Identity?

    /// Records which file it is. The database must have been opened before. Blocks for a moment.
    public init(_ file: URL) {
        self.file = file
        opened = try? Self.identity(of: file.path)
    }

    /// Compares the file with the one that was opened, and then queries the database.
    ///
    /// - Parameter query: reads from the database; the check fails with the error that it throws.
    public func run(_ query: @Sendable () async throws -> Void) async -> CheckResult {
        do {
            let present = try await BlockingPool.readiness.run { [path = file.path] in try Self.identity(of: path) }
            guard let present else {
                return .failing("\(file.path) does not exist; mount its volume again, or restart the service")
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

    /// - Returns: `nil` when the file does not exist.
    private static func identity(of path: String) throws(FileError) -> Identity? {
        try FileStatus.read(path, followLinks: true).map { Identity(device: $0.device, inode: $0.inode) }
    }
}
