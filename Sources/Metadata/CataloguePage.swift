/// One page of a list.
public struct CataloguePage<Entry: Sendable>: Sendable {
    public var entries: [Entry]
    /// Where the next page begins; `nil` at the end. Taken from the catalogue's answer, never computed from a limit.
    public var next: Int?
    /// How many entries the catalogue says there are; need not be how many come.
    public var total: Int?

    public init(entries: [Entry], next: Int?, total: Int? = nil) {
        self.entries = entries
        self.next = next
        self.total = total
    }
}

/// An entry of a playlist or of the saved tracks: places in a list are kept even where there is nothing to fetch.
public enum CatalogueEntry: Sendable, Equatable {
    /// Why an entry is no track that could be fetched.
    public enum Obstacle: String, Codable, Sendable, CaseIterable {
        /// The catalogue has taken it out of its list: `null`.
        case gone
        /// A podcast's episode.
        case episode
        /// The catalogue cannot say what it is: no name or no artist.
        case unnamed
    }

    /// A track; also one without an id, such as a file of the user's own, which has at least names.
    case track(CatalogueTrack)
    case unusable(Obstacle)
}
