import Files
public import Foundation

/// A readiness check that writes to a folder to see whether that is possible.
public struct VolumeCheck: Sendable {
    private let folder: URL

    public init(_ folder: URL) { self.folder = folder }

    /// Creates, writes and removes a small file in the folder, which must exist.
    public func run() async -> CheckResult {
        do {
            try await BlockingPool.readiness.run { [path = folder.path] in try DiskFolder(path).probe() }
            return .ok
        } catch let error as FileError {
            return .failing(
                "\(folder.path) cannot be written by user \(geteuid()): \(error.reason); check that it is mounted and "
                    + "who owns it")
        } catch {
            return .failing("the check of \(folder.path) did not run: \(error)")
        }
    }
}
