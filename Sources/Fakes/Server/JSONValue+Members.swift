import Contracts

extension JSONValue {
    /// Creates an object without the members that are `nil`.
    static func members(_ members: [String: JSONValue?]) -> JSONValue { .object(members.compactMapValues { $0 }) }

    /// Returns a member; its name is case-insensitive.
    func member(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        let value = members[name] ?? members.first { $0.key.lowercased() == name.lowercased() }?.value
        return value == .null ? nil : value
    }

    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
}

extension Int? {
    var json: JSONValue? { map { .integer(Int64($0)) } }
}

extension String? {
    var json: JSONValue? { map { .string($0) } }
}
