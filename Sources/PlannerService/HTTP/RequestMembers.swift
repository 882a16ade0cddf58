import Contracts
import Foundation

/// The members of a small JSON request.
///
/// An unknown member is an error, so that a mistyped name does not silently select the default.
struct RequestMembers: Sendable {
    private let members: [String: JSONValue]

    /// - Throws: ``ContractViolation`` with the path.
    init(_ body: Data, allowed: Set<String>) throws(ContractViolation) {
        if body.isEmpty {
            members = [:]
            return
        }
        guard case .object(let all) = try ContractCoding.decode(JSONValue.self, from: body) else {
            throw ContractViolation(path: "", problem: "must be an object")
        }
        if let stray = all.keys.sorted().first(where: { !allowed.contains($0) }) {
            let words = allowed.sorted().joined(separator: ", ")
            throw ContractViolation(path: "", problem: "has the member \"\(stray.prefix(64))\"; allowed: \(words)")
        }
        members = all.filter { $0.value != .null }
    }

    func text(_ name: String, longest: Int = 256) throws(ContractViolation) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue, text.utf8.count <= longest else {
            throw ContractViolation(path: "/\(name)", problem: "must be a string of at most \(longest) bytes")
        }
        return text
    }

    func whole(_ name: String, in range: ClosedRange<Int>) throws(ContractViolation) -> Int? {
        guard let value = members[name] else { return nil }
        guard let number = value.integerValue.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw ContractViolation(path: "/\(name)", problem: "must be a whole number from \(bounds)")
        }
        return number
    }

    func flag(_ name: String) throws(ContractViolation) -> Bool? {
        guard let value = members[name] else { return nil }
        guard case .bool(let flag) = value else {
            throw ContractViolation(path: "/\(name)", problem: "must be true or false")
        }
        return flag
    }

    func time(_ name: String) throws(ContractViolation) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let time = Timestamp(text) else {
            throw ContractViolation(path: "/\(name)", problem: "must be a date and time as in RFC 3339")
        }
        return time
    }

    /// `YYYY-MM-DD`.
    func day(_ name: String) throws(ContractViolation) -> String? {
        guard let text = try text(name) else { return nil }
        guard text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil, Timestamp(text + "T00:00:00Z") != nil else {
            throw ContractViolation(path: "/\(name)", problem: "must be a day, YYYY-MM-DD")
        }
        return text
    }
}
