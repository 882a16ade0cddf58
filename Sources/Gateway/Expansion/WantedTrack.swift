import Contracts
import Metadata

/// An entry of a catalogue's list as the track of a job, with the keys by which it is known again.
struct WantedTrack: Sendable {
    let track: Track
    /// Its id, and what else tells that two entries are the same track.
    let keys: [String]

    /// - Parameter ignoresAlbum: the same title on two releases of an artist is one track.
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
        track = try Self.track(entry, catalogue)
        var named = track
        if ignoresAlbum { named.album = nil }
        var keys = [DedupeKey.of(named)]
        if ignoresAlbum, named.isrc != nil {
            // On the one release it may be listed with its code, on the other without.
            named.isrc = nil
            keys.append(DedupeKey.of(named))
        }
        if let id = entry.id { keys.append("id:\(id)") }
        self.keys = keys
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
}

extension SkipReason: Error {}
