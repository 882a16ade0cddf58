/// A search in a source.
public struct SearchQuery: Sendable, Hashable {
    public var variant: QueryVariant
    /// The words, separated by spaces.
    public var text: String

    public init(_ variant: QueryVariant, _ text: String) {
        self.variant = variant
        self.text = text
    }
}

/// The result of one search in numbers.
public struct SearchYield: Codable, Sendable, Equatable {
    public var source: String
    public var variant: QueryVariant
    /// The words of the search.
    public var query: String
    /// The number of files that the source offered.
    public var offers: Int
    /// The number of files that no earlier search found.
    public var new: Int
    /// The number of new files without a veto.
    public var usable: Int
    public var tookMS: Int
    /// Whether the search was skipped, because an equal one found nothing a short time ago.
    public var remembered: Bool?

    enum CodingKeys: String, CodingKey {
        case source, query, offers, new, usable, remembered
        case variant = "rung"
        case tookMS = "took_ms"
    }

    public init(source: String, variant: QueryVariant, query: String) {
        self.source = source
        self.variant = variant
        self.query = query
        offers = 0
        new = 0
        usable = 0
        tookMS = 0
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        source = try fields.decode(String.self, forKey: .source)
        variant = try fields.decode(QueryVariant.self, forKey: .variant)
        query = try fields.decode(String.self, forKey: .query)
        offers = try fields.decodeWhole(forKey: .offers, in: 0...Limits.number)
        new = try fields.decodeWhole(forKey: .new, in: 0...Limits.number)
        usable = try fields.decodeWhole(forKey: .usable, in: 0...Limits.number)
        tookMS = try fields.decodeWhole(forKey: .tookMS, in: 0...Limits.milliseconds)
        remembered = try fields.decodeIfPresent(Bool.self, forKey: .remembered)
    }
}

/// The kinds of searches for a track, from the narrowest to the widest.
public enum QueryVariant: String, Codable, Sendable, CaseIterable, Comparable {
    /// Artist and title.
    case full
    /// Artist and title without words for a version or a guest.
    case plain
    /// Artist and album.
    case album
    /// Artist and title in Latin letters.
    case transliterated
    /// The title alone.
    case title
    /// The words of a person.
    case asked

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (lhs: QueryVariant, rhs: QueryVariant) -> Bool { lhs.place < rhs.place }
}
