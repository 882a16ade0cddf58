/// The members of a JSON object that this version does not know. They are preserved.
public typealias UnknownFields = [String: JSONValue]

/// A coding key made from any string.
struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// Reads the members of the current object that are not keys of `Known`.
    func unknownFields<Known: CodingKey & CaseIterable>(beside: Known.Type) throws -> UnknownFields {
        let container = try container(keyedBy: AnyKey.self)
        guard container.allKeys.contains(where: { Known(stringValue: $0.stringValue) == nil }) else { return [:] }
        var fields: UnknownFields = [:]
        for key in container.allKeys where Known(stringValue: key.stringValue) == nil {
            fields[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
        }
        return fields
    }
}

extension Encoder {
    /// Writes preserved fields beside the known ones.
    func encode(unknown fields: UnknownFields) throws {
        guard !fields.isEmpty else { return }
        var container = container(keyedBy: AnyKey.self)
        for (name, value) in fields { try container.encode(value, forKey: AnyKey(stringValue: name)) }
    }
}
