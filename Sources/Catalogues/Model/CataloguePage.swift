/// One page of a list.
public struct CataloguePage<Entry: Sendable>: Sendable {
    public var entries: [Entry]
    /// The offset of the next page; `nil` at the end. It comes from the response and is never computed from a limit.
    public var next: Int?
    /// The number of entries in the whole list, according to the catalogue. The list may yield another number.
    public var total: Int?

    public init(entries: [Entry], next: Int?, total: Int? = nil) {
        self.entries = entries
        self.next = next
        self.total = total
    }
}

/// An entry of a playlist or of the saved tracks. Positions are preserved: an entry that is no track is an entry, too.
public enum CatalogueEntry: Sendable, Equatable {
    /// The reason why an entry is not a track.
    public enum Obstacle: String, Codable, Sendable, CaseIterable {
        /// The catalogue has removed the track: the entry is `null`.
        case gone
        /// The entry is an episode of a podcast.
        case episode
        /// The entry has no title or no artist.
        case unnamed
    }

    /// A track. It may have no id, such as a file of the user; it has a title and an artist.
    case track(CatalogueTrack)
    case unusable(Obstacle)
}
