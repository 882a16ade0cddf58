import Contracts
import Foundation
import JobLedger

// The bodies of requests. Unknown members are errors: a mistyped name must not mean "all candidates".
extension ReviewDecision {
    private static let longestQuery = 200

    /// `{ "candidate": 0 }`, `{ "key": "…" }`, or empty if there is one candidate.
    static func approval(_ body: Data) throws(ContractViolation) -> ReviewDecision {
        let members = try members(of: body, allowed: ["candidate", "key"])
        switch (members["candidate"], members["key"]) {
        case (nil, nil): return .approve(nil)
        case (let index?, nil): return .approve(try FileChoice(index: index, at: "/candidate"))
        case (nil, let key?): return .approve(try FileChoice(key: key, at: "/key"))
        case (_?, _?): throw ContractViolation(path: "/key", problem: "must be left out beside a candidate")
        }
    }

    /// `{ "candidates": [0, 2] }`, `{ "keys": ["…"] }`, or empty for all candidates.
    static func rejection(_ body: Data) throws(ContractViolation) -> ReviewDecision {
        let members = try members(of: body, allowed: ["candidates", "keys"])
        switch (members["candidates"], members["keys"]) {
        case (nil, nil): return .reject(nil)
        case (let list?, nil): return .reject(try choices(list, at: "/candidates", FileChoice.init(index:at:)))
        case (nil, let list?): return .reject(try choices(list, at: "/keys", FileChoice.init(key:at:)))
        case (_?, _?): throw ContractViolation(path: "/keys", problem: "must be left out beside candidates")
        }
    }

    /// `{ "query": "other words" }`.
    static func search(_ body: Data) throws(ContractViolation) -> ReviewDecision {
        guard let value = try members(of: body, allowed: ["query"])["query"] else {
            throw ContractViolation(path: "/query", problem: "is missing")
        }
        guard let text = value.stringValue else { throw ContractViolation(path: "/query", problem: "must be a string") }
        let query = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...longestQuery).contains(query.count), query.utf8.count <= longestQuery * 8 else {
            throw ContractViolation(path: "/query", problem: "must have 1 to \(longestQuery) characters")
        }
        guard !query.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw ContractViolation(path: "/query", problem: "must not hold control characters")
        }
        return .search(query)
    }

    private static func members(
        of body: Data, allowed: Set<String>
    ) throws(ContractViolation) -> [String: JSONValue] {
        if body.isEmpty { return [:] }
        guard case .object(let members) = try ContractCoding.decode(JSONValue.self, from: body) else {
            throw ContractViolation(path: "", problem: "must be an object")
        }
        if let stray = members.keys.sorted().first(where: { !allowed.contains($0) }) {
            let words = allowed.sorted().joined(separator: ", ")
            throw ContractViolation(path: [AnyName(stray)], problem: "is unknown; allowed: \(words)")
        }
        return members.filter { $0.value != .null }
    }

    private static func choices(
        _ list: JSONValue, at path: String, _ make: (JSONValue, String) throws(ContractViolation) -> FileChoice
    ) throws(ContractViolation) -> [FileChoice] {
        guard case .array(let values) = list else { throw ContractViolation(path: path, problem: "must be a list") }
        guard !values.isEmpty else { throw ContractViolation(path: path, problem: "must not be empty") }
        var choices: [FileChoice] = []
        for (index, value) in values.enumerated() { choices.append(try make(value, "\(path)/\(index)")) }
        return choices
    }
}

extension FileChoice {
    fileprivate init(index value: JSONValue, at path: String) throws(ContractViolation) {
        guard let number = value.integerValue, let index = Int(exactly: number), index >= 0 else {
            throw ContractViolation(path: path, problem: "must be a whole number from 0")
        }
        self.init(name: .index(index), path: path)
    }

    fileprivate init(key value: JSONValue, at path: String) throws(ContractViolation) {
        guard let text = value.stringValue else { throw ContractViolation(path: path, problem: "must be a string") }
        self.init(name: .key(CandidateKey(rawValue: text)), path: path)
    }
}

/// The name of a member in a JSON Pointer.
private struct AnyName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
