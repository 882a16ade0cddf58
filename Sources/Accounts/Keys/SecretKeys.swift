/// The key that seals, and former keys that still open. Former keys allow a rotation that loses nothing.
public struct SecretKeys: Sendable, Equatable, CustomStringConvertible {
    /// Seals new texts.
    let current: SecretKey
    /// Open texts that were sealed before.
    let former: [SecretKey]

    init(_ current: SecretKey, former: [SecretKey] = []) {
        self.current = current
        self.former = former
    }

    /// Reads keys that are separated by white space or commas, the current one first.
    /// - Throws: ``SecretKeyError`` for the first invalid key.
    init(_ text: String) throws(SecretKeyError) {
        var keys: [SecretKey] = []
        for part in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            let key = try SecretKey(part)
            guard !keys.contains(key) else { throw .notDistinct }
            keys.append(key)
        }
        guard let first = keys.first else { throw .notDistinct }
        self.init(first, former: Array(keys.dropFirst()))
    }

    /// Returns the key with an id.
    /// - Throws: ``SecretKeyError/unknownKey(id:)``.
    func key(_ id: String) throws(SecretKeyError) -> SecretKey {
        guard let key = ([current] + former).first(where: { $0.id == id }) else { throw .unknownKey(id: id) }
        return key
    }

    /// The content of a key file: one key a line.
    var text: String { ([current] + former).map { $0.text + "\n" }.joined() }

    public var description: String { "the key \(current.id) and \(former.count) former ones" }
}
