import Catalogues
import Contracts

/// The releases of an artist without duplicates: catalogues list editions for several markets.
struct ReleaseList: Sendable {
    private var releases: [CatalogueAlbum]

    init(_ releases: [CatalogueAlbum]) { self.releases = releases }

    /// Returns the list with those of `others` that it does not contain.
    func adding(_ others: [CatalogueAlbum]) -> [CatalogueAlbum] {
        var seen = Set(releases.flatMap(\.releaseKeys))
        let new = others.filter { release in
            guard seen.isDisjoint(with: release.releaseKeys) else { return false }
            seen.formUnion(release.releaseKeys)
            return true
        }
        return releases + new
    }

    /// Albums before singles before compilations, so that a track is requested as a part of its album.
    var albumsFirst: [CatalogueAlbum] {
        let ranks: [CatalogueAlbum.Kind: Int] = [.album: 0, .single: 1, .compilation: 2]
        return releases.enumerated().sorted { first, second in
            let (one, other) = (rank(first.element, ranks), rank(second.element, ranks))
            return (one, first.offset) < (other, second.offset)
        }.map(\.element)
    }

    private func rank(_ release: CatalogueAlbum, _ ranks: [CatalogueAlbum.Kind: Int]) -> Int {
        release.kind.flatMap { ranks[$0] } ?? 1
    }
}

extension CatalogueAlbum {
    /// Keys that identify the release: the id, the barcode, and the title with date and kind. The kind is part of the key
    /// because a single may have the title and the date of its album.
    var releaseKeys: [String] {
        var keys: [String] = []
        if let id { keys.append("release:\(id)") }
        if let upc { keys.append("upc:\(upc.drop { $0 == "0" })") }
        if name.contains(where: { !$0.isWhitespace }), let releaseDate {
            // The key of names ignores case, width and white space.
            keys.append("title:" + DedupeKey.of(Track(artist: releaseDate, title: name, album: kind?.rawValue)))
        }
        return keys
    }
}
