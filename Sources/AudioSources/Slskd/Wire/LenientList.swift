/// A list of which elements that make no sense are left out: one odd record must not hide a thousand others.
struct LenientList<Element: Decodable>: Decodable {
    var elements: [Element] = []

    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        elements.reserveCapacity(list.count ?? 0)
        while !list.isAtEnd {
            if let element = try? list.decode(Element.self) {
                elements.append(element)
            } else {
                _ = try list.decode(Anything.self)
            }
        }
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}

extension LenientList: Sendable where Element: Sendable {}

extension KeyedDecodingContainer {
    /// A value that may be missing, `null` or of another type: all the same to who can do without it.
    func lenient<Value: Decodable>(_ key: Key, _ type: Value.Type = Value.self) -> Value? {
        (try? decodeIfPresent(type, forKey: key)) ?? nil
    }

    /// A list that may be missing, without the elements that make no sense.
    func lenientList<Element: Decodable>(_ key: Key, of type: Element.Type = Element.self) -> [Element] {
        lenient(key, LenientList<Element>.self)?.elements ?? []
    }

    /// A .NET date, with or without a zone; without one it is UTC.
    func slskdDate(_ key: Key) -> SlskdDate? { lenient(key, String.self).flatMap(SlskdDate.init) }
}
