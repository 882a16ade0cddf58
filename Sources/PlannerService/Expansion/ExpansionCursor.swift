import Catalogues

/// How far a link was read.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct ExpansionCursor: Codable, Sendable, Equatable {
    /// Where the next page of the list begins.
    var offset = 0
    /// 1 when the list is read again because it changed while it was read.
    var pass = 0
    /// The version of the playlist's content when this pass began.
    var snapshot: String?
    /// How many entries the list had when this pass began.
    var total: Int?
    /// Of an artist: whether all releases are listed.
    var isListed = false
    /// Of an artist: the releases whose tracks are still to be read.
    var releases: [CatalogueAlbum] = []

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        offset = try fields.decodeIfPresent(Int.self, forKey: .offset) ?? 0
        pass = try fields.decodeIfPresent(Int.self, forKey: .pass) ?? 0
        snapshot = try fields.decodeIfPresent(String.self, forKey: .snapshot)
        total = try fields.decodeIfPresent(Int.self, forKey: .total)
        isListed = try fields.decodeIfPresent(Bool.self, forKey: .isListed) ?? false
        releases = try fields.decodeIfPresent([CatalogueAlbum].self, forKey: .releases) ?? []
    }

    /// The cursor for reading the list once more from its beginning.
    func restarted(snapshot: String?) -> ExpansionCursor {
        var cursor = ExpansionCursor()
        cursor.pass = pass + 1
        cursor.snapshot = snapshot
        return cursor
    }
}
