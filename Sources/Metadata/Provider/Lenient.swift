/// A member of an answer that may be `null`, absent or not what it should be, without spoiling the rest: then it is `nil`.
@propertyWrapper
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws { wrappedValue = try? Value(from: decoder) }
}

/// A list of which the elements count that can be read; empty when there is none.
@propertyWrapper
struct LenientList<Value: Decodable & Sendable>: Decodable, Sendable {
    var wrappedValue: [Value]

    init(wrappedValue: [Value]) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        wrappedValue = ((try? [Lenient<Value>](from: decoder)) ?? []).compactMap(\.wrappedValue)
    }
}

extension KeyedDecodingContainer {
    func decode<Value>(_ type: Lenient<Value>.Type, forKey key: Key) throws -> Lenient<Value> {
        try decodeIfPresent(type, forKey: key) ?? Lenient(wrappedValue: nil)
    }

    func decode<Value>(_ type: LenientList<Value>.Type, forKey key: Key) throws -> LenientList<Value> {
        try decodeIfPresent(type, forKey: key) ?? LenientList(wrappedValue: [])
    }
}
