/// One question to a source.
public struct SearchQuery: Sendable, Hashable {
    public var rung: SearchRung
    /// Words with blanks between them.
    public var text: String

    public init(_ rung: SearchRung, _ text: String) {
        self.rung = rung
        self.text = text
    }
}

/// What one question to a source brought, as the record of a search.
public struct SearchYield: Codable, Sendable, Equatable {
    public var source: String
    public var rung: SearchRung
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
        case source, rung, query, offers, new, usable, remembered
        case tookMS = "took_ms"
    }

    public init(source: String, rung: SearchRung, query: String) {
        self.source = source
        self.rung = rung
        self.query = query
        offers = 0
        new = 0
        usable = 0
        tookMS = 0
    }
}

/// The kinds of questions for a track, from the narrowest to the widest.
public enum SearchRung: String, Codable, Sendable, CaseIterable, Comparable {
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

    public static func < (lhs: SearchRung, rhs: SearchRung) -> Bool { lhs.place < rhs.place }
}
