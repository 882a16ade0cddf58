public import Foundation

/// Parts of a JSON document, byte for byte.
///
/// A document of another program contains more than a Swift type represents. So what only passes through HDM is cut out
/// of its surroundings, not decoded.
public enum RawJSON {
    /// The levels around a job document in a request are added to those that the document may have.
    private static let maximumDepth = JSONScanner.maximumDepth + 8

    /// Returns the members of an object, by name; an empty dictionary for another value.
    /// - Throws: for what ``JobBody/init(_:)`` refuses in every document, except for its size.
    public static func members(of json: Data) throws(ContractViolation) -> [String: Data] {
        let bytes = [UInt8](json)
        let members = try JSONScanner.members(of: bytes, maximumDepth: maximumDepth)
        return Dictionary(members.map { ($0.name, Data(bytes[$0.value])) }) { first, _ in first }
    }

    /// Returns the elements of an array; `nil` for another value.
    /// - Throws: for what ``JobBody/init(_:)`` refuses in every document, except for its size.
    public static func elements(of json: Data) throws(ContractViolation) -> [Data]? {
        let bytes = [UInt8](json)
        _ = try JSONScanner.members(of: bytes, maximumDepth: maximumDepth)
        guard let start = bytes.firstIndex(where: { !isSpace($0) }), bytes[start] == UInt8(ascii: "[") else {
            return nil
        }
        return elements(in: bytes, after: start)
    }

    /// Cuts a valid array at its commas.
    private static func elements(in bytes: [UInt8], after start: Int) -> [Data] {
        var (elements, depth, first) = ([Data](), 0, start + 1)
        var (isInText, isEscaped) = (false, false)
        for position in start..<bytes.count {
            let byte = bytes[position]
            if isInText {
                isInText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
            guard depth == 0 || (depth == 1 && byte == UInt8(ascii: ",")) else { continue }
            let element = bytes[first..<position].drop(while: isSpace)
            if !element.isEmpty { elements.append(Data(element)) }
            guard depth > 0 else { break }
            first = position + 1
        }
        return elements
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
