import Catalogues

extension MusicCatalogue {
    /// Returns every track of a release, each with the release and with the number of tracks on its disc as the total.
    /// - Throws: ``CatalogueError``.
    func allTracks(of album: CatalogueAlbum, id: String) async throws -> [CatalogueTrack] {
        var tracks: [CatalogueTrack] = []
        var offset: Int? = 0
        while let start = offset, tracks.count < AlbumLimit.tracks {
            let page = try await self.tracks(ofAlbum: id, from: start)
            tracks += page.entries
            offset = try page.nextOffset(after: start)
        }
        let totals = Self.totals(tracks)
        return tracks.map { track in
            var track = track
            track.album = track.album ?? album
            track.album?.trackTotal = totals[track.discNumber ?? 1] ?? album.trackTotal
            return track
        }
    }

    /// The number of tracks on each disc, as far as the track numbers say.
    private static func totals(_ tracks: [CatalogueTrack]) -> [Int: Int] {
        tracks.reduce(into: [:]) { totals, track in
            totals[track.discNumber ?? 1] = max(totals[track.discNumber ?? 1] ?? 0, track.trackNumber ?? 0)
        }.filter { $0.value > 0 }
    }
}

/// How many tracks of a release are read. No release has more.
private enum AlbumLimit {
    static let tracks = 2000
}

extension CataloguePage {
    /// Returns where the next page begins; `nil` at the end.
    /// - Throws: ``CatalogueError`` `.unavailable` when the next page would not be a later one.
    func nextOffset(after offset: Int) throws(CatalogueError) -> Int? {
        guard let next else { return nil }
        guard next > offset else { throw .unavailable("its list leads back to entry \(next), which was read before") }
        return next
    }
}
