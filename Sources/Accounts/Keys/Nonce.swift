import Foundation

/// Makes texts that cannot be guessed and need no encoding in a URL.
enum Nonce {
    /// Returns 256 random bits as 43 characters.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64URL
    }
}
