import Foundation

/// The unique id of a job: 1 to 64 letters, digits, `-` or `_`.
///
/// The characters are restricted because the id becomes part of paths and routing keys. An id of a publisher cannot
/// leave a folder.
public struct JobID: Codable, Sendable, Hashable, CustomStringConvertible {
    public let text: String

    /// Creates a random id.
    public init() { text = UUID().uuidString.lowercased() }

    /// Creates an id from text; `nil` if it has other characters or another length.
    public init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    public var description: String { text }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = JobID(text) else {
            throw ContractViolation(path: decoder.codingPath, problem: "must be 1 to 64 letters, digits, '-' or '_'")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
