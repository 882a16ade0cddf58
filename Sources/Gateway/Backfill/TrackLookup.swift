import Contracts
import Foundation
import Metadata

/// Finds a track in a catalogue that is beyond doubt the one that is meant.
struct TrackLookup: Sendable {
    /// Milliseconds by which two editions of one recording may differ.
    private static let tolerance = 3000

    let catalogue: any MusicCatalogue

    /// The track; `nil` when there is none, or several that could be meant.
    /// - Throws: ``CatalogueError``.
    func find(_ track: Track) async throws -> CatalogueTrack? {
        if let id = track.spotifyID, catalogue.name == "spotify" {
            do { return try await catalogue.track(id) } catch CatalogueError.notFound {}
        }
        if let isrc = track.isrc {
            let found = try await catalogue.tracks(isrc: isrc)
            if let best = found.first(where: { $0.isOn(track.album) }) ?? found.first { return best }
        }
        let query = CatalogueQuery(artist: track.artist, title: track.title, album: track.album)
        return choice(among: try await catalogue.search(query), for: track)
    }

    private func choice(among found: [CatalogueTrack], for track: Track) -> CatalogueTrack? {
        let named = found.filter { $0.isNamed(like: track) && isAsLong($0, as: track) }
        if let sameAlbum = named.first(where: { track.album != nil && $0.isOn(track.album) }) { return sameAlbum }
        // Without the album, only one recording may be meant.
        guard track.album == nil || track.durationMS != nil else { return nil }
        return Set(named.map { $0.isrc ?? $0.id ?? "" }).count == 1 ? named.first : nil
    }

    private func isAsLong(_ entry: CatalogueTrack, as track: Track) -> Bool {
        guard let one = entry.durationMS, let other = track.durationMS else { return true }
        return abs(one - other) <= max(Self.tolerance, other / 20)
    }
}

extension CatalogueTrack {
    fileprivate func isNamed(like track: Track) -> Bool {
        name.plainName == track.title.plainName
            && artists.contains { $0.name.plainName == track.artist.plainName }
    }

    fileprivate func isOn(_ album: String?) -> Bool { album != nil && self.album?.name.plainName == album?.plainName }
}

extension String {
    /// The name without case, width, punctuation and white space.
    fileprivate var plainName: String {
        let plain = precomposedStringWithCompatibilityMapping.lowercased().filter { $0.isLetter || $0.isNumber }
        // A title may be nothing but signs.
        return plain.isEmpty ? self : plain
    }
}

extension Track {
    /// The track with what a catalogue knows of it; what is there already stays.
    /// - Parameter provider: the catalogue's name.
    func completed(by entry: CatalogueTrack, from provider: String) -> Track {
        var resolved = ResolvedTrack(self)
        resolved.take(
            entry, from: provider,
            ResolvedTrack.Proof(
                isIdentified: false, hasOtherScript: false, isOnAlbum: album == nil || entry.isOn(album)))
        return resolved.track
    }
}
