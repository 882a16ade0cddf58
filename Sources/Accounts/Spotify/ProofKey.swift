import Crypto
import Foundation

/// A key of Proof Key for Code Exchange (RFC 7636, S256). It proves that the client that exchanges a code is the client
/// that requested it.
struct ProofKey: Sendable, Equatable, CustomStringConvertible {
    static let method = "S256"
    /// Sent to the server with the code. It is secret until then.
    let verifier: String

    init(verifier: String) { self.verifier = verifier }

    /// Returns a new key of 256 random bits.
    static func make() -> ProofKey { ProofKey(verifier: Nonce.make()) }

    /// Sent with the authorization request; it is public.
    var challenge: String { Data(SHA256.hash(data: Data(verifier.utf8))).base64URL }

    var description: String { "a proof key" }
}
