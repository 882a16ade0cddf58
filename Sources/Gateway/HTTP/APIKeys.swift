import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// The keys that open the API. Kept as digests, which are compared in constant time.
struct APIKeys: Sendable {
    private let digests: [SHA256Digest]

    init(_ keys: [String]) { digests = keys.map { SHA256.hash(data: Data($0.utf8)) } }

    /// No keys: everybody may come in.
    var isOpen: Bool { digests.isEmpty }

    /// Whether a key is one of them; looks at all of them in any case.
    func contains(_ key: String) -> Bool {
        let digest = SHA256.hash(data: Data(key.utf8))
        return digests.reduce(false) { found, known in (known == digest) || found }
    }

    /// The key of a request: `X-API-Key`, else `Authorization: Bearer`.
    static func presented(in request: Request) -> String? {
        if let name = HTTPField.Name("X-API-Key"), let key = request.headers[name] { return key }
        guard let parts = request.headers[.authorization]?.split(separator: " ", maxSplits: 1), parts.count == 2,
            parts[0].lowercased() == "bearer"
        else { return nil }
        return parts[1].trimmingCharacters(in: .whitespaces)
    }

    /// Who asks, as logs and the audit trail name them: `api:` and a short digest of the key.
    static func actor(of request: Request) -> String {
        presented(in: request) == nil ? "anonymous" : "api:\(clientName(of: request).prefix(8))"
    }

    /// A name for the client that tells nothing about its key.
    static func clientName(of request: Request) -> String {
        presented(in: request).map { String(SHA256.hash(data: Data($0.utf8)).hexadecimal.prefix(16)) } ?? "open"
    }
}
