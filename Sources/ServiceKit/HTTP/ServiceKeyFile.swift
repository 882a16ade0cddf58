import Foundation
import NIOPosix

/// The file that holds the service key; readable by its owner only.
struct ServiceKeyFile: Sendable {
    private let file: URL

    init(_ file: URL) { self.file = file }

    /// Returns the key, which is created if the file does not exist.
    /// - Throws: ``SettingsError`` when the file can be neither read nor created.
    func content() async throws -> String {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try read() ?? create() }
        } catch {
            throw SettingsError(
                "HDM_SERVICE_KEY_FILE",
                "is not set and \(file.path) cannot be read or created: \(error); make the folder writable, or set "
                    + "HDM_SERVICE_KEY")
        }
    }

    /// - Returns: `nil` when the file does not exist.
    private func read() throws -> String? {
        do {
            let text = try String(contentsOf: file, encoding: .utf8)
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch CocoaError.fileReadNoSuchFile {
            return nil
        }
    }

    /// Creates the file, or reads it when another process was faster.
    ///
    /// The key is complete on disk before it gets its name by `link`, which fails if the name exists. So every process
    /// reads the same key, also when one is killed at any point; at most an unused temporary file remains.
    private func create() throws -> String {
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let draft = folder.appending(path: ".service.key.\(UUID().uuidString)", directoryHint: .notDirectory)
        let descriptor = open(draft.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("create", draft) }
        defer { unlink(draft.path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data((Self.randomKey() + "\n").utf8))
        try handle.synchronize()
        guard link(draft.path, file.path) == 0 || errno == EEXIST else { throw SystemError("link", file) }
        guard let key = try read() else { throw SystemError("read", file) }
        return key
    }

    private static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// A system call that failed.
private struct SystemError: Error, CustomStringConvertible {
    let description: String

    init(_ operation: String, _ file: URL) {
        description = "\(operation) \(file.path): \(String(cString: strerror(errno)))"
    }
}
