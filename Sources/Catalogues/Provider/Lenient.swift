/// A member of a JSON object that becomes `nil` when it is absent, `null` or of another type.
///
/// So one unexpected member does not make the whole response unreadable.
@propertyWrapper
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws { wrappedValue = try? Value(from: decoder) }
}

/// A list of the readable elements of a JSON array; empty when there is no array.
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
