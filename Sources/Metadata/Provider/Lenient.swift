/// A part of an answer that may be `null`, absent or not what it should be, without spoiling the rest.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    let value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
    /// The value, or `nil` when it is absent, `null` or of another kind.
    func lenient<Value: Decodable & Sendable>(_ key: Key, as: Value.Type = Value.self) -> Value? {
        (try? decodeIfPresent(Lenient<Value>.self, forKey: key))?.value
    }

    /// The elements that can be read.
    func lenientList<Value: Decodable & Sendable>(_ key: Key, of: Value.Type = Value.self) -> [Value] {
        ((try? decodeIfPresent([Lenient<Value>].self, forKey: key)) ?? []).compactMap(\.value)
    }
}
