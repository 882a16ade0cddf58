public import Contracts

/// Compares a wanted track with recordings in catalogues. Use one judge for all recordings of a response.
public struct CatalogueJudge {
    private let wanted: CatalogueNames
    private var reader = NameReader()

    /// - Parameter track: The wanted track. Its names can be missing; a missing album matches every album.
    public init(wanted track: Track) {
        wanted = CatalogueNames(track, &reader)
    }

    /// - Parameter track: The recording with all artists and the album of the release.
    public mutating func compare(_ track: Track) -> CatalogueAgreement {
        let listed = CatalogueNames(track, &reader)
        let lengths = [wanted.recording.durationMS, listed.recording.durationMS].compactMap { $0 }.filter { $0 > 0 }
        let difference = lengths.count == 2 ? DurationTolerance.difference(lengths[0], lengths[1]) : nil
        return CatalogueAgreement(
            title: wanted.compareTitle(listed), artist: wanted.compareArtist(listed),
            album: wanted.compareAlbum(listed), hasSameVersion: wanted.hasSameVersion(as: listed, difference),
            difference: difference, wantedDurationMS: lengths.first ?? 0,
            hasOtherScript: wanted.hasOtherScript(than: listed))
    }
}
