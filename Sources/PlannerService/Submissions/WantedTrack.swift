import Catalogues
import Contracts

/// An entry of a catalogue's list as the track of a job, with the keys that identify its recording.
struct WantedTrack: Sendable {
    let track: Track
    /// The catalogue's id, ISRC or names. Two entries that share one are the same track.
    let keys: [String]
    /// The catalogue that the fields come from.
    let catalogue: CatalogueLink.Catalogue

    /// - Parameter ignoresAlbum: whether the same title on two releases is one track.
    static func of(
        _ entry: CatalogueEntry, in catalogue: CatalogueLink.Catalogue, ignoresAlbum: Bool = false
    ) -> Result<WantedTrack, SkipReason> {
        switch entry {
        case .unusable(let obstacle): .failure(SkipReason(obstacle))
        case .track(let track):
            Result { () throws(SkipReason) in try WantedTrack(track, in: catalogue, ignoresAlbum: ignoresAlbum) }
        }
    }

    private init(_ entry: CatalogueTrack, in catalogue: CatalogueLink.Catalogue, ignoresAlbum: Bool) throws(SkipReason)
    {
        guard entry.playable != false else { throw .unavailable }
        self.catalogue = catalogue
        track = try Self.track(entry, catalogue)
        keys = Self.keys(of: track, id: entry.id, ignoresAlbum: ignoresAlbum)
    }

    private static func keys(of track: Track, id: String?, ignoresAlbum: Bool) -> [String] {
        var named = track
        if ignoresAlbum { named.album = nil }
        var keys = [DedupeKey.of(named)]
        if ignoresAlbum {
            // One release may list the ISRC and another not; a remaster has another ISRC and another title.
            named.isrc = nil
            named.title = named.title.withoutRemaster
            keys.append(DedupeKey.of(named))
        }
        if let id { keys.append("id:\(id)") }
        return keys
    }

    private static func track(
        _ entry: CatalogueTrack, _ catalogue: CatalogueLink.Catalogue
    ) throws(SkipReason) -> Track {
        let names = entry.artists.map(\.name).filter(\.isUsable)
        guard let artist = names.first, entry.name.isUsable else { throw .unnamed }
        var track = Track(artist: artist, title: entry.name)
        track.artists = names.count > 1 ? names : nil
        track.isrc = entry.isrc
        track.durationMS = entry.durationMS.flatMap { $0 > 0 ? $0 : nil }
        track.explicit = entry.explicit
        track.trackNumber = entry.trackNumber?.asPlace
        track.discNumber = entry.discNumber?.asPlace
        track.spotifyID = catalogue == .spotify ? entry.id : nil
        if let album = entry.album { add(album, to: &track) }
        return track
    }

    private static func add(_ album: CatalogueAlbum, to track: inout Track) {
        track.album = album.name.isUsable ? album.name : nil
        track.albumArtist = album.artists.first { $0.name.isUsable }?.name
        track.trackTotal = album.trackTotal?.asPlace
        track.releaseDate = album.releaseDate
        track.artworkURL = album.artworkURL
        track.genres = album.genres.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The metadata section of the track's job: every field comes from the catalogue.
    func metadata(at now: Timestamp) -> MetadataSection {
        MetadataSection(listed: track, from: catalogue.rawValue, at: now)
    }
}

extension SkipReason: Error {}

extension String {
    /// Whether it can be the name of an artist, a title or an album.
    fileprivate var isUsable: Bool { contains { !$0.isWhitespace } && utf8.count <= 4096 }

    /// The title without a remark such as ` - 2011 Remaster` or ` (Remastered)`.
    var withoutRemaster: String {
        let shorter = replacing(
            /(?i)\s*(?:[-–—]\s*|[(\[])[^()\[\]–—-]*\bremaster(?:ed)?\b[^()\[\]]*[)\]]?\s*$/, with: "")
        return shorter.isUsable ? shorter : self
    }
}
