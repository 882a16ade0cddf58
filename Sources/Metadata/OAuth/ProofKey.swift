import Crypto
public import Foundation

/// Proof Key for Code Exchange (RFC 7636, S256): who exchanges a code shows that it is the one who asked for it.
public struct ProofKey: Sendable, Equatable, CustomStringConvertible {
    public static let method = "S256"
    /// Shown at the end, to the server alone. A secret until then.
    public let verifier: String

    public init(verifier: String) { self.verifier = verifier }

    /// A new one, of 256 random bits.
    public static func make() -> ProofKey { ProofKey(verifier: Nonce.make()) }

    /// Shown at the beginning, to everybody.
    public var challenge: String { Data(SHA256.hash(data: Data(verifier.utf8))).base64URL }

    public var description: String { "a proof key" }
}

/// Text that nobody guesses and that needs no encoding in a URL.
public enum Nonce {
    /// 256 random bits as 43 characters.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64URL
    }
}

extension Data {
    /// Base64 with the alphabet for URLs, without padding (RFC 4648, section 5).
    public var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
