/// One question to a source.
public struct SearchQuery: Sendable, Hashable {
    public var variant: QueryVariant
    /// Words with blanks between them.
    public var text: String

    public init(_ variant: QueryVariant, _ text: String) {
        self.variant = variant
        self.text = text
    }
}

/// What one question to a source brought, as the record of a search.
public struct SearchYield: Codable, Sendable, Equatable {
    public var source: String
    public var variant: QueryVariant
    /// The words that were asked for.
    public var query: String
    /// Files that the source named.
    public var offers: Int
    /// Those that no earlier question had brought.
    public var new: Int
    /// The new ones that nothing speaks against.
    public var usable: Int
    public var tookMS: Int
    /// The source was not asked: it had nothing a short while ago.
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
}

/// The kinds of questions for a track, from the narrowest to the widest.
public enum QueryVariant: String, Codable, Sendable, CaseIterable, Comparable {
    /// Artist and title as they are.
    case full
    /// Without words that name a version or a guest.
    case plain
    /// Artist and album.
    case album
    /// In Latin letters.
    case transliterated
    /// The title alone.
    case title
    /// Words that a person gave.
    case asked

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (lhs: QueryVariant, rhs: QueryVariant) -> Bool { lhs.place < rhs.place }
}
