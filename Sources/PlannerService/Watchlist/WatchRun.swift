import Catalogues
import Contracts

/// One check of a watched artist or playlist, and how far it is.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct WatchRun: Codable, Sendable, Equatable {
    var batchID: String
    var startedAt: Timestamp
    var endedAt: Timestamp?
    /// Where the next page begins.
    var offset = 0
    /// Of an artist: whether all releases are listed.
    var isListed = false
    /// Of an artist: the new releases whose tracks are still to be read.
    var releases: [CatalogueAlbum] = []
    /// Of an artist: known releases whose recordings are still to be remembered. They make no jobs.
    var knownReleases: [CatalogueAlbum] = []
    /// The version of the playlist's content when this check began.
    var snapshot: String?
    /// The results; releases or entries count as read.
    var counts = TaskCounts()
    /// Whether the budget was spent before the end. The next check submits the rest.
    var isCut = false
    /// Whether the catalogue or the gateway ended the check before its end.
    var hasFailed = false
    /// Of an artist: whether the next check must treat releases as the first check does, because the catalogue now lists
    /// them by other ids. Tracks that were submitted stay known.
    var listsAgain = false

    init(batchID: String, startedAt: Timestamp) {
        self.batchID = batchID
        self.startedAt = startedAt
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        batchID = try fields.decode(String.self, forKey: .batchID)
        startedAt = try fields.decode(Timestamp.self, forKey: .startedAt)
        endedAt = try fields.decodeIfPresent(Timestamp.self, forKey: .endedAt)
        offset = try fields.decodeIfPresent(Int.self, forKey: .offset) ?? 0
        isListed = try fields.decodeIfPresent(Bool.self, forKey: .isListed) ?? false
        releases = try fields.decodeIfPresent([CatalogueAlbum].self, forKey: .releases) ?? []
        knownReleases = try fields.decodeIfPresent([CatalogueAlbum].self, forKey: .knownReleases) ?? []
        snapshot = try fields.decodeIfPresent(String.self, forKey: .snapshot)
        counts = try fields.decodeIfPresent(TaskCounts.self, forKey: .counts) ?? TaskCounts()
        isCut = try fields.decodeIfPresent(Bool.self, forKey: .isCut) ?? false
        hasFailed = try fields.decodeIfPresent(Bool.self, forKey: .hasFailed) ?? false
        listsAgain = try fields.decodeIfPresent(Bool.self, forKey: .listsAgain) ?? false
    }

    /// Whether the check did not read everything that may be new.
    var isIncomplete: Bool { isCut || hasFailed }

    /// The release to read next, and whether its tracks are only remembered.
    var nextRelease: (album: CatalogueAlbum, isKnown: Bool)? {
        guard isListed else { return nil }
        return knownReleases.first.map { ($0, true) } ?? releases.first.map { ($0, false) }
    }
}
