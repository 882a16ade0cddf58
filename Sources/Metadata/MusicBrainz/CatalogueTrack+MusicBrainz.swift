extension CatalogueTrack {
    /// `nil` for one without a title or an artist.
    /// - Parameter code: the code by which it was asked for; its own first one when `nil`.
    init?(_ recording: MusicBrainzRecordingObject, code: String? = nil) {
        let artists = recording.credit.compactMap(CatalogueArtist.init)
        guard let title = recording.title.filled, !artists.isEmpty else { return nil }
        self.init(id: recording.id, name: title, artists: artists, album: Self.home(recording.releases))
        durationMS = recording.length.flatMap { $0 > 0 ? $0 : nil }
        isrc = code ?? recording.isrcs.lazy.compactMap(ISRC.plain).first
    }

    /// The release it belongs to: official ones before others, albums before what was gathered later, the first of them.
    private static func home(_ releases: [MusicBrainzReleaseObject]) -> CatalogueAlbum? {
        let ranked = releases.map { release in
            let rank = (release.status == "Official" ? 0 : 2) + (release.group?.secondary.isEmpty ?? true ? 0 : 1)
            return (rank, release.date.filled ?? "9999", release)
        }
        return ranked.min { ($0.0, $0.1) < ($1.0, $1.1) }.flatMap { CatalogueAlbum($0.2) }
    }
}

extension CatalogueArtist {
    init?(_ credit: MusicBrainzCredit) {
        guard let name = credit.name.filled ?? (credit.artist?.name).filled else { return nil }
        self.init(id: credit.artist?.id, name: name)
    }
}

extension CatalogueAlbum {
    init?(_ release: MusicBrainzReleaseObject) {
        guard let title = release.title.filled else { return nil }
        self.init(id: release.id, name: title, artists: release.credit.compactMap(CatalogueArtist.init))
        kind = Self.kind(release.group)
        releaseDate = release.date.flatMap(Self.date)
        upc = release.barcode.filled
        let counts = release.media.compactMap(\.trackCount)
        trackTotal = counts.isEmpty ? nil : counts.reduce(0, +)
    }

    private static func kind(_ group: MusicBrainzReleaseObject.Group?) -> Kind? {
        if group?.secondary.contains("Compilation") == true { return .compilation }
        switch group?.primary {
        case "Album": return .album
        case "Single", "EP": return .single
        default: return nil
        }
    }
}
