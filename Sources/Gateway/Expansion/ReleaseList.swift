import Contracts
import Metadata

/// An artist's releases without the doubles that catalogues list: editions for several markets.
struct ReleaseList: Sendable {
    private var releases: [CatalogueAlbum]

    init(_ releases: [CatalogueAlbum]) { self.releases = releases }

    /// The list with those of `others` that it does not have.
    func adding(_ others: [CatalogueAlbum]) -> [CatalogueAlbum] {
        var seen = Set(releases.flatMap(\.releaseKeys))
        return releases
            + others.filter { release in
                guard seen.isDisjoint(with: release.releaseKeys) else { return false }
                seen.formUnion(release.releaseKeys)
                return true
            }
    }

    /// Albums before singles before compilations, so that a track is asked for as part of the album that has it.
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
    /// What tells that two entries are the same release: the id, the barcode, and title with date and kind: the single that
    /// an album is named after may come out on the same day.
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
