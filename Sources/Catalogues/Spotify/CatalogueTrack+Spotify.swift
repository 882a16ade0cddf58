import Contracts
import Foundation

extension CatalogueTrack {
    init(_ object: SpotifyTrackObject) {
        let local = object.isLocal == true ? SpotifyLocalFile(object.uri ?? "") : nil
        let artists = object.artists.compactMap(CatalogueArtist.init)
        self.init(
            id: object.id.filled, name: object.name.filled ?? local?.title ?? "",
            artists: artists.isEmpty
                ? local.flatMap(\.artist).map { [CatalogueArtist(id: nil, name: $0)] } ?? [] : artists,
            album: object.album.flatMap(CatalogueAlbum.init))
        durationMS = object.durationMS.flatMap { $0 > 0 ? $0 : nil }
        discNumber = object.discNumber.flatMap { $0 > 0 ? $0 : nil }
        trackNumber = object.trackNumber.flatMap { $0 > 0 ? $0 : nil }
        explicit = object.explicit
        isrc = (object.codes?.isrc).flatMap { ISRC($0)?.text }
        playable = object.isPlayable
    }
}

extension CatalogueArtist {
    /// `nil` for an artist without a name.
    init?(_ object: SpotifyArtistObject) {
        guard let name = object.name.filled else { return nil }
        self.init(id: object.id.filled, name: name)
    }
}

extension CatalogueAlbum {
    /// `nil` for an album without a name and an id, such as that of a local file.
    init?(_ object: SpotifyAlbumObject) {
        guard object.id.filled != nil || object.name.filled != nil else { return nil }
        self.init(
            id: object.id.filled, name: object.name ?? "", artists: object.artists.compactMap(CatalogueArtist.init))
        kind = object.kind.flatMap { Kind(rawValue: $0.lowercased()) }
        trackTotal = object.trackTotal
        releaseDate = object.releaseDate.flatMap(Self.date)
        artworkURL = object.images.max { $0.width ?? 0 < $1.width ?? 0 }?.url
        genres = object.genres.isEmpty ? nil : object.genres
        upc = (object.codes?.upc).filled ?? (object.codes?.ean).filled
    }

    /// Returns a valid date; `nil` for `0000`, which means an unknown date.
    static func date(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isDate =
            parts.count <= 3 && parts.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
            && parts.first?.count == 4 && parts.dropFirst().allSatisfy { $0.count == 2 }
        return isDate && !text.hasPrefix("0000") ? text : nil
    }
}

extension CataloguePlaylist {
    init(_ object: SpotifyPlaylistObject, id: String) {
        self.init(id: object.id.filled ?? id, name: object.name ?? "")
        owner = object.owner?.id
        snapshot = object.snapshot
        total = (object.items ?? object.tracks)?.total
    }
}

extension CatalogueEntry {
    init(_ entry: SpotifyEntryObject?) {
        guard let object = entry?.item ?? entry?.track else {
            self = .unusable(.gone)
            return
        }
        guard object.type != "episode" else {
            self = .unusable(.episode)
            return
        }
        let track = CatalogueTrack(object)
        self = track.name.isEmpty || track.artists.isEmpty ? .unusable(.unnamed) : .track(track)
    }
}

/// The names in the URI of a user's own file: `spotify:local:Artist:Album:Title:<seconds>`, each part encoded.
struct SpotifyLocalFile {
    let artist: String?
    let title: String?

    init?(_ uri: String) {
        let parts = uri.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts.prefix(2) == ["spotify", "local"] else { return nil }
        artist = Self.decoded(parts[2])
        title = Self.decoded(parts[4])
    }

    private static func decoded(_ part: Substring) -> String? {
        let text = String(part.replacing("+", with: " "))
        return (text.removingPercentEncoding ?? text).trimmingCharacters(in: .whitespaces).filled
    }
}
