import Foundation

/// A file with keys, one a line, the present one first. Everything here blocks.
public struct SecretKeyFile: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// - Throws: ``SecretKeyError``.
    public func read() throws(SecretKeyError) -> SecretKeys {
        guard access(path, F_OK) == 0 else { throw .noFile(path: path) }
        guard access(path, R_OK) == 0 else { throw failure(errno) }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .file(path: path, reason: "it cannot be read as text")
        }
        do throws(SecretKeyError) {
            return try SecretKeys(text)
        } catch {
            throw .file(path: path, reason: "it " + error.description)
        }
    }

    /// Puts a new key there, readable for its owner alone, unless there is a file already. It appears complete or not at
    /// all, and whoever comes second uses the first one's.
    /// - Throws: ``SecretKeyError``.
    public func makeIfMissing() throws(SecretKeyError) {
        guard access(path, F_OK) != 0 else {
            _ = try read()
            return
        }
        let draft = try write(SecretKeys(.make()))
        defer { unlink(draft) }
        // A second name for the draft: unlike a rename, it never takes the place of a file that is there.
        if link(draft, path) != 0, errno != EEXIST { throw failure(errno) }
        try syncFolder()
        _ = try read()
    }

    /// Puts other keys in the place of those that are there, at once.
    /// - Throws: ``SecretKeyError``; the file is then as it was.
    public func replace(with keys: SecretKeys) throws(SecretKeyError) {
        let draft = try write(keys)
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw failure(code)
        }
        try syncFolder()
    }

    /// Whether ``replace(with:)`` may succeed: files that an orchestrator mounts are not ours to change.
    public var isReplaceable: Bool {
        access(path, W_OK) == 0 && access(folder, W_OK) == 0
    }

    private var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// A file beside it with these keys, on the disk.
    private func write(_ keys: SecretKeys) throws(SecretKeyError) -> String {
        let draft = "\(folder)/.secrets-\(UUID().uuidString).key"
        let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        let bytes = Data(keys.text.utf8)
        let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(descriptor) == 0 else {
            let code = errno
            unlink(draft)
            throw failure(code)
        }
        return draft
    }

    private func syncFolder() throws(SecretKeyError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(errno) }
    }

    private func failure(_ code: Int32) -> SecretKeyError {
        .file(path: path, reason: String(cString: strerror(code)))
    }
}
