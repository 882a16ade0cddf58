import Contracts

/// Compares two documents.
enum Difference {
    /// Returns the first place, as a JSON Pointer, at which `other` lacks a member of `document` or has another value;
    /// more members are no difference.
    static func first(from document: JSONValue, to other: JSONValue, at place: String = "") -> String? {
        switch (document, other) {
        case (.object(let members), .object(let others)):
            for (name, value) in members {
                guard let found = others[name] else { return "\(place)/\(name)" }
                if let difference = first(from: value, to: found, at: "\(place)/\(name)") { return difference }
            }
            return nil
        case (.array(let items), .array(let others)) where items.count == others.count:
            let pairs = zip(items, others).enumerated()
            return pairs.lazy.compactMap { first(from: $1.0, to: $1.1, at: "\(place)/\($0)") }.first
        case (.integer(let whole), .number(let number)), (.number(let number), .integer(let whole)):
            return Double(whole) == number ? nil : place
        default:
            return document == other ? nil : place
        }
    }
}
