import Files
import Foundation

/// A file with keys, one a line, the current one first. Every function blocks.
public struct SecretKeyFile: Sendable {
    private let file: SmallFile

    init(_ path: String) { file = SmallFile(path, mode: 0o600) }

    var path: String { file.path }

    /// Returns the keys in the file.
    /// - Throws: ``SecretKeyError``.
    func read() throws(SecretKeyError) -> SecretKeys {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try file.read(limit: 64 << 10)
        } catch {
            throw SecretKeyError(error)
        }
        guard let bytes else { throw .noFile(path: path) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .file(path: path, reason: "it cannot be read as text")
        }
        do throws(SecretKeyError) {
            return try SecretKeys(text)
        } catch {
            throw .file(path: path, reason: "it " + error.description)
        }
    }

    /// Creates the file with a new key, readable by its owner only, unless the file exists.
    ///
    /// The file appears complete or not at all. When several processes create it at the same time, all use the key of
    /// the first one.
    /// - Throws: ``SecretKeyError``.
    func createIfMissing() throws(SecretKeyError) {
        do throws(FileError) {
            _ = try file.create(SecretKeys(.make()).text.utf8)
        } catch {
            throw SecretKeyError(error)
        }
        _ = try read()
    }

    /// Replaces the keys atomically.
    /// - Throws: ``SecretKeyError``. Then the file is unchanged.
    func replace(with keys: SecretKeys) throws(SecretKeyError) {
        do throws(FileError) {
            try file.replace(keys.text.utf8)
        } catch {
            throw SecretKeyError(error)
        }
    }

    /// Whether ``replace(with:)`` can succeed. It cannot for files that an orchestrator mounts.
    var isReplaceable: Bool {
        access(path, W_OK) == 0 && access(DiskFolder(of: path).path, W_OK) == 0
    }
}

extension SecretKeyError {
    fileprivate init(_ error: FileError) { self = .file(path: error.path, reason: error.reason) }
}
