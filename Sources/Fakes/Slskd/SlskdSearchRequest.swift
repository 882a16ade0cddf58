import Contracts
import Foundation

/// The options of a search, with the defaults of slskd.
struct SlskdSearchRequest: Sendable {
    let id: String
    let text: String
    let timeout: Duration
    let responseLimit: Int
    let fileLimit: Int
    let filters: Bool
    let leastFiles: Int
    let leastSpeed: Int
    let longestQueue: Int

    /// - Throws: A ``FakeResponse`` with status 400 and the reason.
    init(_ body: JSONValue) throws(FakeResponse) {
        text = body.member("searchText")?.stringValue ?? ""
        guard !text.allSatisfy(\.isWhitespace) else {
            throw .text(400, "The field SearchText can not be null, empty, or consist of only whitespace")
        }
        id = try Self.identifier(body.member("id"))
        timeout = .milliseconds(try Self.number(body, "searchTimeout", 15_000, least: 5))
        responseLimit = try Self.number(body, "responseLimit", 250)
        fileLimit = try Self.number(body, "fileLimit", 25_000)
        filters = body.member("filterResponses")?.boolValue ?? true
        leastFiles = try Self.number(body, "minimumResponseFileCount", 1)
        leastSpeed = try Self.number(body, "minimumPeerUploadSpeed", 0)
        longestQueue = try Self.number(body, "maximumPeerQueueLength", .max)
    }

    func accepts(_ response: SlskdResponse) -> Bool {
        guard filters else { return true }
        return response.files.count + response.lockedFiles.count >= leastFiles && response.speed >= leastSpeed
            && response.peer.queueLength <= longestQueue
    }

    private static func identifier(_ value: JSONValue?) throws(FakeResponse) -> String {
        guard let value else { return UUID().uuidString.lowercased() }
        guard let id = value.stringValue.flatMap(UUID.init(uuidString:)) else {
            throw .text(400, "The JSON value could not be converted to System.Nullable`1[System.Guid].")
        }
        return id.uuidString.lowercased()
    }

    private static func number(
        _ body: JSONValue, _ name: String, _ preset: Int, least: Int = 0
    ) throws(FakeResponse)
        -> Int
    {
        guard let value = body.member(name) else { return preset }
        guard let number = value.integerValue, number >= least, number <= Int(Int32.max) else {
            throw .text(400, "The field \(name) must be between \(least) and \(Int32.max).")
        }
        return Int(number)
    }
}

/// The words of a search text.
struct SlskdQuery: Sendable {
    let terms: [String]
    let exclusions: [String]

    /// Parses a search text. Words of one character are ignored; `-word` excludes a word.
    init(_ text: String) {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        exclusions = words.filter { $0.hasPrefix("-") && $0.count > 1 }.map { String($0.dropFirst()) }
        terms = words.filter { !$0.hasPrefix("-") && $0.count > 1 }
    }

    /// Whether a path contains all words, in any order, and no excluded word.
    func matches(_ path: String) -> Bool {
        let words = Set(Self.words(of: path))
        return terms.allSatisfy { Self.words(of: $0).allSatisfy(words.contains) }
            && !exclusions.contains { Self.words(of: $0).allSatisfy(words.contains) }
    }

    private static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
