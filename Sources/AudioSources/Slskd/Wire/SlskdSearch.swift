import Contracts
public import Foundation

/// The words of a search, and when it ends.
public struct SlskdSearchRequest: Sendable, Equatable {
    /// Chosen by the client, and used only once.
    public var id: UUID
    public var text: String
    /// The search ends after so long without a response.
    public var timeout: Duration
    /// The number of responses after which the search ends.
    public var responseLimit: Int
    /// The number of files after which the search ends.
    public var fileLimit: Int

    public init(id: UUID, text: String, timeout: Duration, responseLimit: Int = 250, fileLimit: Int = 10_000) {
        self.id = id
        self.text = text
        self.timeout = timeout
        self.responseLimit = responseLimit
        self.fileLimit = fileLimit
    }
}

extension SlskdSearchRequest: Encodable {
    enum CodingKeys: String, CodingKey { case id, searchText, searchTimeout, responseLimit, fileLimit }

    /// Writes the timeout in milliseconds. slskd's own documentation says seconds, which is wrong.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id.uuidString.lowercased(), forKey: .id)
        try fields.encode(text, forKey: .searchText)
        try fields.encode(max(5, Int(timeout / .milliseconds(1))), forKey: .searchTimeout)
        try fields.encode(responseLimit, forKey: .responseLimit)
        try fields.encode(fileLimit, forKey: .fileLimit)
    }
}

/// A search that slskd stores, without its responses.
public struct SlskdSearch: Decodable, Sendable, Equatable {
    /// How a search ended.
    public enum Ending: String, Sendable {
        /// No more responses arrived. This is the normal end.
        case timedOut
        case responseLimitReached
        case fileLimitReached
        case cancelled
        case errored
        case unknown
    }

    public var id: UUID
    public var text: String
    /// `nil` while the search waits or runs.
    public var ending: Ending?
    /// Whether the search waits for other searches.
    public var isQueued: Bool
    /// Whether the responses are stored, so that the search does not change any more.
    public var isStored: Bool
    public var responseCount: Int
    public var fileCount: Int

    enum CodingKeys: String, CodingKey {
        case id, searchText, state, isComplete, endedAt, responseCount, fileCount
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(UUID.self, forKey: .id)
        text = fields.lenient(.searchText) ?? ""
        let state = SlskdFlags(fields.lenient(.state) ?? "")
        let isComplete = state.contains("completed") || fields.lenient(.isComplete) == true
        ending = isComplete ? Ending(state) : nil
        isQueued = state.contains("queued") || state.contains("requested")
        isStored = isComplete && fields.slskdDate(.endedAt) != nil
        responseCount = fields.lenient(.responseCount) ?? 0
        fileCount = fields.lenient(.fileCount) ?? 0
    }
}

extension SlskdSearch.Ending {
    init(_ flags: SlskdFlags) {
        let known: [(String, Self)] = [
            ("errored", .errored), ("cancelled", .cancelled), ("timedout", .timedOut),
            ("responselimitreached", .responseLimitReached), ("filelimitreached", .fileLimitReached),
        ]
        self = known.first { flags.contains($0.0) }?.1 ?? .unknown
    }
}
