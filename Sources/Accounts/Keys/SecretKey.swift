import Crypto
import Foundation

/// A key that seals secrets: 32 random bytes. Its description does not reveal them.
public struct SecretKey: Sendable, Equatable, CustomStringConvertible {
    /// Identifies the key without revealing it.
    public let id: String
    private let key: SymmetricKey

    private init(_ key: SymmetricKey) {
        self.key = key
        let digest = SHA256.hash(data: Data("hdm.key-id/1".utf8) + key.bytes)
        id = Data(digest.prefix(6)).hexadecimal
    }

    /// Returns a new random key.
    public static func make() -> SecretKey { SecretKey(SymmetricKey(size: .bits256)) }

    /// Reads 32 bytes as hexadecimal (64 characters) or base64.
    /// - Throws: ``SecretKeyError/malformed``, which does not contain the text.
    public init(_ text: some StringProtocol) throws(SecretKeyError) {
        guard let bytes = Data(hexadecimal: text) ?? Data(base64Encoded: Self.padded(text)), bytes.count == 32 else {
            throw .malformed
        }
        self.init(SymmetricKey(data: bytes))
    }

    private static func padded(_ text: some StringProtocol) -> String {
        let text = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// The key itself in base64, for a file that only its owner can read.
    public var text: String { key.bytes.base64EncodedString() }

    public var description: String { "the key \(id)" }
}

extension SecretKey {
    /// The use of a sealed text. Each use has its own derived key, so a text that is sealed for one use opens for no
    /// other use.
    enum Purpose: String, Sendable {
        case store = "hdm.store/1"
        case channel = "hdm.channel/1"
        case signature = "hdm.signature/1"
    }

    private func derived(for purpose: Purpose) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: Data("hdm".utf8), info: Data(purpose.rawValue.utf8), outputByteCount: 32)
    }

    /// Encrypts bytes (AES-GCM). They open only under the same name, so that one value cannot replace another.
    /// - Throws: ``SecretKeyError/unusable``.
    func seal(_ bytes: Data, as name: String, for purpose: Purpose) throws(SecretKeyError) -> Data {
        guard
            let box = try? AES.GCM.seal(
                bytes, using: derived(for: purpose), authenticating: authenticated(name, purpose)),
            let sealed = box.combined
        else { throw .unusable }
        return sealed
    }

    /// Decrypts bytes that ``seal(_:as:for:)`` encrypted.
    /// - Throws: ``SecretKeyError/unusable`` when the key or the name differs, or when a bit has changed.
    func open(_ sealed: Data, as name: String, for purpose: Purpose) throws(SecretKeyError) -> Data {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(
                box, using: derived(for: purpose), authenticating: authenticated(name, purpose))
        else { throw .unusable }
        return bytes
    }

    private func authenticated(_ name: String, _ purpose: Purpose) -> Data {
        Data("\(purpose.rawValue)\n\(id)\n\(name)".utf8)
    }

    /// Returns the HMAC-SHA256 of a text.
    func signature(of text: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: derived(for: .signature)))
    }

    /// Whether a signature is valid. Compares in constant time.
    func isSignature(_ signature: Data, of text: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            signature, authenticating: Data(text.utf8), using: derived(for: .signature))
    }
}

extension SymmetricKey {
    fileprivate var bytes: Data { withUnsafeBytes { Data($0) } }
}
