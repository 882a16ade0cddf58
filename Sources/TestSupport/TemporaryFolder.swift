public import Foundation

/// A new, empty folder for one test.
public struct TemporaryFolder: Sendable {
    public let url: URL

    /// Creates the folder. The caller must call ``remove()``; prefer ``withTemporaryFolder(_:)``.
    public init(name: String = "hdm") throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// The absolute path of the folder.
    public var path: String { url.path }

    /// Returns the absolute path of a file in the folder.
    public func path(_ relative: String) -> String { url.appendingPathComponent(relative).path }

    /// Returns the URL of a file in the folder.
    public func file(_ relative: String) -> URL { url.appendingPathComponent(relative) }

    /// Creates a subfolder, with intermediate folders.
    @discardableResult
    public func folder(_ relative: String) throws -> URL {
        let folder = file(relative)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Removes the folder with its content, including the content of read-only folders.
    public func remove() throws {
        Self.makeWritable(url.path)
        try FileManager.default.removeItem(at: url)
    }

    /// Makes folders writable. Does not follow symbolic links, because their targets are outside of the folder.
    private static func makeWritable(_ path: String) {
        let files = FileManager.default
        guard let type = try? files.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
            type == .typeDirectory
        else { return }
        try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        for name in (try? files.contentsOfDirectory(atPath: path)) ?? [] { makeWritable("\(path)/\(name)") }
    }
}

/// Creates a folder for a test and removes it afterwards, also after an error.
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
