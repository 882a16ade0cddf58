import Contracts

extension CatalogueTrack {
    /// `nil` for a recording without a title or an artist.
    /// - Parameter isrc: The ISRC of the request; `nil` to use the recording's first one.
    init?(_ recording: MusicBrainzRecordingObject, isrc: String? = nil) {
        let artists = recording.credit.compactMap(CatalogueArtist.init)
        guard let title = recording.title.filled, !artists.isEmpty else { return nil }
        self.init(id: recording.id, name: title, artists: artists, album: Self.home(recording.releases))
        durationMS = recording.length.flatMap { $0 > 0 ? $0 : nil }
        self.isrc = isrc ?? recording.isrcs.lazy.compactMap { ISRC($0)?.text }.first
    }

    /// Returns the release to which a recording belongs: official before others, then albums before collections, then
    /// the earliest.
    private static func home(_ releases: [MusicBrainzReleaseObject]) -> CatalogueAlbum? {
        let ranked = releases.map { release in
            let rank = (release.status == "Official" ? 0 : 2) + (release.group?.secondary.isEmpty ?? true ? 0 : 1)
            return (rank, release.date.filled ?? "9999", release)
        }
        return ranked.min { ($0.0, $0.1) < ($1.0, $1.1) }.flatMap { CatalogueAlbum($0.2) }
    }
}

extension CatalogueArtist {
    /// `nil` for a credit without a name.
    init?(_ credit: MusicBrainzCredit) {
        guard let name = credit.name.filled ?? (credit.artist?.name).filled else { return nil }
        self.init(id: credit.artist?.id, name: name)
    }
}

extension CatalogueAlbum {
    /// `nil` for a release without a title.
    init?(_ release: MusicBrainzReleaseObject) {
        guard let title = release.title.filled else { return nil }
        self.init(id: release.id, name: title, artists: release.credit.compactMap(CatalogueArtist.init))
        kind = release.group.flatMap(Self.kind)
        releaseDate = release.date.flatMap(Self.date)
        upc = release.barcode.filled
        let counts = release.media.compactMap(\.trackCount)
        trackTotal = counts.isEmpty ? nil : counts.reduce(0, +)
    }

    /// `nil` for a group without a title or an id.
    init?(_ group: MusicBrainzGroupObject) {
        guard let title = group.title.filled, let id = group.id.filled else { return nil }
        self.init(
            id: MusicBrainzCatalogue.groupPrefix + id, name: title,
            artists: group.credit.compactMap(CatalogueArtist.init))
        kind = Self.kind(group)
        releaseDate = group.firstReleaseDate.flatMap(Self.date)
    }

    private static func kind(_ group: MusicBrainzGroupObject) -> Kind? {
        if group.secondary.contains("Compilation") { return .compilation }
        switch group.primary {
        case "Album": return .album
        case "Single", "EP": return .single
        default: return nil
        }
    }
}
