/// What the match stage finds out about the wanted recording before it looks for files.
public struct MetadataSection: Codable, Sendable, Equatable {
    /// The recording as all further stages take it: the job's own fields, completed, and put right where an identifier
    /// proves them wrong.
    public var track: Track
    /// Who each field of `track` is from, by the field's name: `job`, `spotify`, `musicbrainz`.
    public var provenance: [String: String]
    /// The id under which Spotify has the recording; need not be the one that was asked for.
    public var spotifyID: String?
    public var at: Timestamp
    /// What was left open, in a sentence for a person.
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
    /// The recording to look for, to tag and to file: what the match stage has found out, else what was submitted.
    public var wanted: Track { metadata?.track ?? track }
}

extension Track {
    /// Whether it has a title and an artist, so that it can be looked for by name.
    public var isNamed: Bool { !artist.isBlank && !title.isBlank }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
