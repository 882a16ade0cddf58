public import Contracts

/// A wanted track with the responses to a search for it: one line of a corpus.
///
/// `responses` is a list of slskd's search responses, read as in production. `wanted` is an object in Spotify's terms:
/// `artists`, `title`, `album`, `isrc`, `duration_ms`, `track_number`, `disc_number`, `release_year`, `explicit`. Other
/// members are ignored.
public struct SearchCase: Decodable, Sendable {
    public var id: String
    public var wanted: Track
    public var offers: [OfferedFile]

    private enum CodingKeys: String, CodingKey {
        case id, wanted, responses
    }

    /// - Throws: `DecodingError` with the path of the member that is missing or has another type.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        wanted = try fields.decode(WantedTrack.self, forKey: .wanted).track
        let responses = try fields.decode(LenientList<SlskdSearchResponse>.self, forKey: .responses)
        offers = responses.elements.flatMap { $0.offers() }
    }
}

private struct WantedTrack: Decodable {
    let track: Track

    private enum CodingKeys: String, CodingKey {
        case artists, title, album, isrc, explicit
        case durationMS = "duration_ms"
        case trackNumber = "track_number"
        case discNumber = "disc_number"
        case releaseYear = "release_year"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let artists = try fields.decode([String].self, forKey: .artists)
        var track = Track(artist: artists.first ?? "", title: try fields.decode(String.self, forKey: .title))
        track.artists = artists
        track.album = try fields.decodeIfPresent(String.self, forKey: .album)
        track.isrc = try fields.decodeIfPresent(String.self, forKey: .isrc)
        track.durationMS = try fields.decodeIfPresent(Int.self, forKey: .durationMS)
        track.trackNumber = try fields.decodeIfPresent(Int.self, forKey: .trackNumber)
        track.discNumber = try fields.decodeIfPresent(Int.self, forKey: .discNumber)
        track.releaseDate = try fields.decodeIfPresent(Int.self, forKey: .releaseYear).map { String($0) }
        track.explicit = try fields.decodeIfPresent(Bool.self, forKey: .explicit)
        self.track = track
    }
}
