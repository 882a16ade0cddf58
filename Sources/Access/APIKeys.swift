import Crypto
import Foundation

/// The keys that give access to the API.
///
/// Only their digests are stored. They are compared in constant time.
public struct APIKeys: Sendable {
    private let digests: [SHA256Digest]

    /// Creates the set of accepted keys. With no keys, everybody has access.
    public init(_ keys: [String]) { digests = keys.map { SHA256.hash(data: Data($0.utf8)) } }

    /// Whether requests need no key.
    public var isOpen: Bool { digests.isEmpty }

    /// Whether a key is accepted. Compares with every key, so that the time does not depend on the position.
    public func contains(_ key: String) -> Bool {
        let digest = SHA256.hash(data: Data(key.utf8))
        return digests.reduce(false) { found, known in (known == digest) || found }
    }
}

/// The client of a request. Its names do not reveal its key.
public struct APIClient: Sendable, Equatable {
    private let digest: String?

    /// Creates a client.
    /// - Parameter key: The key that the client sent; `nil` when it sent none.
    public init(key: String?) {
        digest = key.map { key in
            SHA256.hash(data: Data(key.utf8)).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
    }

    /// The name that separates clients from each other: `open` without a key.
    public var name: String { digest.map { String($0.prefix(16)) } ?? "open" }

    /// The name in logs and in the audit trail: `api:` and the start of the key's digest, or `anonymous`.
    public var actor: String { digest.map { "api:\($0.prefix(8))" } ?? "anonymous" }
}
