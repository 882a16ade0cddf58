/// The reason why a key cannot be used. Descriptions continue a sentence that begins with the key or its setting.
public enum SecretKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text does not hold 32 bytes.
    case malformed
    /// The text holds no key, or the same key twice.
    case notDistinct
    /// The key file does not exist.
    case noFile(path: String)
    /// The key file cannot be read or written.
    case file(path: String, reason: String)
    /// A sealed text does not open: it was sealed with another key or under another name, or it is damaged.
    case unusable
    /// None of the keys has this id.
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
            "does not hold the key \(id): add it behind the present one, or set the secret again"
        }
    }
}
