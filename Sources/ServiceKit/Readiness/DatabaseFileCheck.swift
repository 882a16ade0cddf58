import Files
public import Foundation

/// A readiness check that compares a database's file with the one that was opened, and examines its volume.
///
/// SQLite continues to write to a file that was removed or replaced, or whose volume was unmounted. Every query then
/// succeeds, and all data is lost with the process. The check only reads, so that disks may sleep.
public struct DatabaseFileCheck: Sendable {
    private struct Identity: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
    }

    private let file: URL
    private let opened: Identity?
    /// A pool of its own: a call that hangs must not delay another check.
    private let pool = BlockingPool(name: "database-check", threads: 1)

    /// Records which file it is. The database must have been opened before. Blocks for a moment.
    public init(_ file: URL) {
        self.file = file
        opened = try? Self.identity(of: file.path)
    }

    /// Compares the file with the one that was opened, examines the volume, and then queries the database.
    ///
    /// - Parameter query: reads from the database; the check fails with the error that it throws.
    public func run(_ query: @Sendable () async throws -> Void) async -> CheckResult {
        do {
            if let problem = try await pool.run({ try problem() }) { return .failing(problem) }
            try await query()
            return .ok
        } catch {
            return .failing("\(file.path) cannot be used: \(error)")
        }
    }

    /// Runs like ``run(_:)`` with a query that blocks.
    public func runBlocking(_ query: @escaping @Sendable () throws -> Void) async -> CheckResult {
        await run { try await pool.run(query) }
    }

    /// - Returns: why the database cannot be used, and what to do.
    private func problem() throws(FileError) -> String? {
        guard let present = try Self.identity(of: file.path) else {
            return "\(file.path) does not exist; mount its volume again, or restart the service"
        }
        guard present == opened else {
            return "\(file.path) was replaced while it was in use; restart the service"
        }
        guard let volume = try VolumeStatus.read(DiskFolder(of: file.path).path) else { return nil }
        if volume.isReadOnly { return "the volume of \(file.path) is mounted read-only; mount it writable" }
        if volume.isFull { return "the volume of \(file.path) is full; free some space" }
        return nil
    }

    /// - Returns: `nil` when the file does not exist.
    private static func identity(of path: String) throws(FileError) -> Identity? {
        try FileStatus.read(path, followLinks: true).map { Identity(device: $0.device, inode: $0.inode) }
    }
}
