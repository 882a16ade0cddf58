import Crypto
public import Foundation

/// What seals secrets: 32 random bytes. Nothing that describes it tells them.
public struct SecretKey: Sendable, Equatable, CustomStringConvertible {
    /// Tells keys apart, and gives nothing of them away.
    public let id: String
    private let key: SymmetricKey

    private init(_ key: SymmetricKey) {
        self.key = key
        let digest = SHA256.hash(data: Data("hdm.key-id/1".utf8) + key.bytes)
        id = digest.prefix(6).map { String(format: "%02x", $0) }.joined()
    }

    /// A key that nobody has yet.
    public static func make() -> SecretKey { SecretKey(SymmetricKey(size: .bits256)) }

    /// Reads 32 bytes as hexadecimal (64 characters) or base64.
    /// - Throws: ``SecretKeyError`` `.malformed`, without the text.
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

    /// The key itself, as base64: for a file that its owner alone can read.
    public var text: String { key.bytes.base64EncodedString() }

    public var description: String { "the key \(id)" }
}

extension SecretKey {
    /// What a sealed text is for: each use has a key of its own, and what was sealed for one opens for no other.
    public enum Purpose: String, Sendable {
        case store = "hdm.store/1"
        case channel = "hdm.channel/1"
        case signature = "hdm.signature/1"
    }

    private func derived(for purpose: Purpose) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: Data("hdm".utf8), info: Data(purpose.rawValue.utf8), outputByteCount: 32)
    }

    /// Seals bytes (AES-GCM). They open only under the same name, so that nothing can be put in another's place.
    /// - Throws: ``SecretKeyError`` `.unusable`.
    public func seal(_ bytes: Data, as name: String, for purpose: Purpose) throws(SecretKeyError) -> Data {
        guard
            let box = try? AES.GCM.seal(
                bytes, using: derived(for: purpose), authenticating: authenticated(name, purpose)),
            let sealed = box.combined
        else { throw .unusable }
        return sealed
    }

    /// Opens what ``seal(_:as:for:)`` sealed.
    /// - Throws: ``SecretKeyError`` `.unusable` when the key or the name is another one, or a bit has changed.
    public func open(_ sealed: Data, as name: String, for purpose: Purpose) throws(SecretKeyError) -> Data {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(
                box, using: derived(for: purpose), authenticating: authenticated(name, purpose))
        else { throw .unusable }
        return bytes
    }

    private func authenticated(_ name: String, _ purpose: Purpose) -> Data {
        Data("\(purpose.rawValue)\n\(id)\n\(name)".utf8)
    }

    /// A mark on a text that only who has the key can make (HMAC-SHA256).
    public func signature(of text: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: derived(for: .signature)))
    }

    /// Whether a mark is right; takes as long for every wrong one.
    public func isSignature(_ signature: Data, of text: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            signature, authenticating: Data(text.utf8), using: derived(for: .signature))
    }
}

extension SymmetricKey {
    fileprivate var bytes: Data { withUnsafeBytes { Data($0) } }
}

extension Data {
    /// Reads pairs of hexadecimal digits; `nil` for anything else.
    init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    /// The bytes as pairs of hexadecimal digits, in small letters.
    var hexadecimal: String { map { String(format: "%02x", $0) }.joined() }
}
