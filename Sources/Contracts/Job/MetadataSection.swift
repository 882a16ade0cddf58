/// The wanted recording as catalogues list it. The match stage looks it up before it searches for files.
public struct MetadataSection: Codable, Sendable, Equatable {
    /// The recording that all further stages use: the job's own fields, completed, and corrected where an identifier
    /// proves them wrong.
    public var track: Track
    /// The origin of each field of `track`, by the name of the field: `job`, `spotify`, `musicbrainz`.
    public var provenance: [String: String]
    /// Spotify's id of the recording. It can differ from the requested one.
    public var spotifyID: String?
    public var at: Timestamp
    /// What could not be resolved, as a sentence for people.
    public var remark: String?
    /// `true` while the fields come from a list only. Then the match stage still looks the recording up.
    public var preliminary: Bool?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case track, provenance, at, remark, preliminary
        case spotifyID = "spotify_id"
    }

    public init(track: Track, provenance: [String: String], at: Timestamp = .now) {
        self.track = track
        self.provenance = provenance
        self.at = at
    }
}

extension JobDocument {
    /// The wanted recording: the resolved metadata if there is any, otherwise the submitted track.
    public var wanted: Track { metadata?.track ?? track }
}

extension Track {
    /// Whether the track has a title and an artist, so that it can be searched for by name.
    public var isNamed: Bool { !artist.isBlank && !title.isBlank }
}
