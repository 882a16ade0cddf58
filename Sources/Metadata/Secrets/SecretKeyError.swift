/// Why a key cannot be used.
public enum SecretKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not 32 bytes.
    case malformed
    /// The same key twice, or none.
    case notDistinct
    /// The file with the keys is not there.
    case noFile(path: String)
    /// The file with the keys could not be used: the step that failed, and why.
    case file(path: String, reason: String)
    /// What was sealed does not open: with another key, under another name, or damaged.
    case unusable
    /// A key of this id is not among the keys.
    case unknownKey(id: String)

    public var description: String {
        switch self {
        case .malformed:
            "must be 32 bytes as base64 (44 characters) or hexadecimal (64); `hdm secrets keygen` makes one"
        case .notDistinct: "must be one key, or the new and the old one, each once"
        case .noFile(let path): "names a file that does not exist: \(path)"
        case .file(let path, let reason): "names a file that cannot be used: \(path): \(reason)"
        case .unusable: "does not open what was sealed: it was sealed with another key, or is damaged"
        case .unknownKey(let id):
            "does not hold the key \(id): add it behind the present one, or give the secret again"
        }
    }
}
