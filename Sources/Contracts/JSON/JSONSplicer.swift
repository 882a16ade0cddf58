import Foundation

/// Replaces members of a JSON object and leaves all other bytes as they are.
struct JSONSplicer {
    private let bytes: [UInt8]
    private let members: [JSONMember]
    private var replaced: [String: [UInt8]] = [:]
    private var removed: Set<String> = []
    private var added: [(name: String, value: [UInt8])] = []

    /// - Parameters:
    ///   - bytes: an object with at least one member that is not removed.
    ///   - members: the members of the object, in their order, from ``JSONScanner``.
    init(bytes: [UInt8], members: [JSONMember]) {
        self.bytes = bytes
        self.members = members
    }

    /// Replaces the value of a member, or adds the member behind the others.
    mutating func replace(_ name: String, with value: [UInt8]) {
        if members.contains(where: { $0.name == name }) {
            replaced[name] = value
        } else {
            added.append((name, value))
        }
    }

    mutating func remove(_ name: String) { removed.insert(name) }

    func result() -> Data {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        let first = members.first?.key.lowerBound ?? bytes.count
        result.append(contentsOf: bytes[..<first])
        var isFirst = true
        for (index, member) in members.enumerated() where !removed.contains(member.name) {
            // What stands before a member, beside the first, is the comma behind the one before.
            let start = index == 0 || isFirst ? member.key.lowerBound : members[index - 1].value.upperBound
            result.append(contentsOf: bytes[start..<member.value.lowerBound])
            result.append(contentsOf: replaced[member.name].map { $0[...] } ?? bytes[member.value])
            isFirst = false
        }
        for member in added {
            result.append(contentsOf: Array(",\"\(member.name)\":".utf8) + member.value)
        }
        result.append(contentsOf: bytes[(members.last?.value.upperBound ?? first)...])
        return Data(result)
    }

    /// Returns an object with further members.
    /// - Parameters:
    ///   - object: an object without white space around it.
    ///   - members: each as `"name":value`; no names of the object.
    static func object(_ object: [UInt8], adding members: [ArraySlice<UInt8>]) -> [UInt8] {
        guard object.last == UInt8(ascii: "}") else { return object }
        var result = object
        result.removeLast()
        for member in members {
            if result.count > 1 { result.append(UInt8(ascii: ",")) }
            result.append(contentsOf: member)
        }
        result.append(UInt8(ascii: "}"))
        return result
    }
}
