public import Contracts

extension MetadataSection {
    /// Creates the section of a job that is made from an entry of a catalogue's list. Every field comes from the catalogue.
    ///
    /// The section is preliminary when the list omits fields that a lookup of the single track returns. Then the match
    /// stage makes that lookup; otherwise it makes no request.
    /// - Parameters:
    ///   - track: The fields of the entry.
    ///   - provider: The catalogue's name.
    public init(listed track: Track, from provider: String, at time: Timestamp = .now) {
        self.init(track: track, provenance: track.origins(provider), at: time)
        spotifyID = provider == "spotify" ? track.spotifyID : nil
        let isComplete = spotifyID != nil && track.isrc.flatMap { ISRC($0) } != nil && track.durationMS != nil
        preliminary = isComplete ? nil : true
    }
}

extension Track {
    /// Returns the same origin for each field that has a value, by the field's name in documents.
    func origins(_ origin: String) -> [String: String] {
        let texts: [(String, String?)] = [
            ("artist", artist), ("title", title), ("album", album), ("album_artist", albumArtist), ("isrc", isrc),
            ("release_date", releaseDate), ("spotify_id", spotifyID), ("artwork_url", artworkURL),
        ]
        let others: [(String, Bool)] = [
            ("artists", artists != nil), ("duration_ms", durationMS != nil), ("track_number", trackNumber != nil),
            ("track_total", trackTotal != nil), ("disc_number", discNumber != nil), ("explicit", explicit != nil),
            ("genres", genres != nil),
        ]
        let names = texts.filter { $0.1.filled != nil }.map(\.0) + others.filter(\.1).map(\.0)
        return Dictionary(names.map { ($0, origin) }) { first, _ in first }
    }
}
