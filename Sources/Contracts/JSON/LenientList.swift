/// A list that leaves out elements that cannot be decoded, so that one malformed record does not hide the others.
public struct LenientList<Element: Decodable>: Decodable {
    public var elements: [Element] = []

    public init(from decoder: any Decoder) throws {
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
    /// Returns a value; `nil` if it is missing, `null` or of another type.
    public func lenient<Value: Decodable>(_ key: Key, _ type: Value.Type = Value.self) -> Value? {
        (try? decodeIfPresent(type, forKey: key)) ?? nil
    }

    /// Returns the elements of a list that can be decoded; an empty list if it is missing.
    public func lenientList<Element: Decodable>(_ key: Key, of type: Element.Type = Element.self) -> [Element] {
        lenient(key, LenientList<Element>.self)?.elements ?? []
    }
}
