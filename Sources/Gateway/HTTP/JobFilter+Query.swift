import Contracts
import Hummingbird
import JobLedger
import ServiceKit

extension JobFilter {
    /// Names for groups of states.
    private static let groups: [String: [JobState]] = [
        "active": JobState.allCases.filter { !$0.isFinal },
        "running": JobState.allCases.filter { !$0.isFinal && $0 != .queued && $0 != .review },
        "failed": [.deadLetter],
    ]

    /// Reads the query of a list: `status` (one or several, separated by commas), `batch_id`, `kind`, `standing`,
    /// `limit`, `offset`.
    /// - Throws: `APIError` that names the invalid parameter.
    init(_ request: Request) throws {
        self.init()
        states = try Self.states(request)
        batchID = request.query("batch_id")
        if let word = request.query("kind") {
            guard let kind = JobKind(rawValue: word) else {
                throw request.invalidQuery("kind", "must be one of \(Self.words(JobKind.allCases.map(\.rawValue)))")
            }
            self.kind = kind
        }
        if let word = request.query("standing") {
            guard let standing = Bool(word) else { throw request.invalidQuery("standing", "must be true or false") }
            self.standing = standing
        }
        limit = try request.query("limit", default: 20, in: 1...100)
        offset = try request.query("offset", default: 0, in: 0...Int(Int32.max))
    }

    private static func states(_ request: Request) throws -> [JobState] {
        let words = request.query("status")?.split(separator: ",").map(String.init) ?? []
        return try words.flatMap { word in
            if let state = JobState(rawValue: word) { return [state] }
            if let states = groups[word] { return states }
            let known = JobState.allCases.map(\.rawValue) + groups.keys.sorted()
            throw request.invalidQuery("status", "must be one of \(Self.words(known))")
        }
    }

    private static func words(_ words: [String]) -> String { words.joined(separator: ", ") }
}
