public import Foundation

/// A new, empty folder for one test.
public struct TemporaryFolder: Sendable {
    public let url: URL

    /// Makes the folder; ``remove()`` is up to the caller, so prefer ``withTemporaryFolder(_:)``.
    public init(name: String = "hdm") throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Its absolute path.
    public var path: String { url.path }

    /// The absolute path of something in it.
    public func path(_ relative: String) -> String { url.appendingPathComponent(relative).path }

    /// The address of something in it.
    public func file(_ relative: String) -> URL { url.appendingPathComponent(relative) }

    /// Makes a folder in it, with those above.
    @discardableResult
    public func folder(_ relative: String) throws -> URL {
        let folder = file(relative)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Removes it with all that it holds, also what lies in folders that were made read-only.
    public func remove() throws {
        Self.makeWritable(url.path)
        try FileManager.default.removeItem(at: url)
    }

    /// Does not follow symbolic links: what they lead to is not this folder's.
    private static func makeWritable(_ path: String) {
        let files = FileManager.default
        guard let type = try? files.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
            type == .typeDirectory
        else { return }
        try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        for name in (try? files.contentsOfDirectory(atPath: path)) ?? [] { makeWritable("\(path)/\(name)") }
    }
}

/// Runs a test with a folder of its own, which is removed afterwards in any case.
public func withTemporaryFolder<Result>(
    _ test: (TemporaryFolder) async throws -> Result
) async throws -> Result {
    let folder = try TemporaryFolder()
    let result: Result
    do {
        result = try await test(folder)
    } catch {
        try folder.remove()
        throw error
    }
    try folder.remove()
    return result
}
