/// The key that seals, and former ones that still open: what makes a change of keys possible without losing anything.
public struct SecretKeys: Sendable, Equatable, CustomStringConvertible {
    /// Seals.
    public let current: SecretKey
    /// Open what was sealed before.
    public let former: [SecretKey]

    public init(_ current: SecretKey, former: [SecretKey] = []) {
        self.current = current
        self.former = former
    }

    /// Reads keys separated by white space or commas, the present one first.
    /// - Throws: ``SecretKeyError`` for the first that is none.
    public init(_ text: String) throws(SecretKeyError) {
        var keys: [SecretKey] = []
        for part in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            let key = try SecretKey(part)
            guard !keys.contains(key) else { throw .notDistinct }
            keys.append(key)
        }
        guard let first = keys.first else { throw .notDistinct }
        self.init(first, former: Array(keys.dropFirst()))
    }

    /// The key of an id.
    /// - Throws: ``SecretKeyError`` `.unknownKey`.
    public func key(_ id: String) throws(SecretKeyError) -> SecretKey {
        guard let key = ([current] + former).first(where: { $0.id == id }) else { throw .unknownKey(id: id) }
        return key
    }

    /// One key a line, for a file.
    public var text: String { ([current] + former).map { $0.text + "\n" }.joined() }

    public var description: String { "the key \(current.id) and \(former.count) former ones" }
}
