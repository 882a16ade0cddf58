import Contracts
import Matching
import Metadata

/// One release of a recording that was found.
struct FoundRelease: Sendable {
    let listed: CatalogueTrack
    let agreement: CatalogueAgreement

    /// Milliseconds within which two lengths are those of one recording.
    private static let sameLength = 5_000

    /// Whether another one may be the wanted recording as well, and is not the same one as this.
    func isContested(by others: [FoundRelease]) -> Bool {
        guard agreement.difference == nil else { return false }
        return others.contains { other in
            let isSameCode = listed.isrc != nil && listed.isrc == other.listed.isrc
            guard !isSameCode, let mine = listed.durationMS, let its = other.listed.durationMS else { return false }
            return abs(mine - its) > Self.sameLength && other.rank == rank
        }
    }

    /// Lower is better: the wanted album, then the release that a recording was made for, then what can be played.
    fileprivate var rank: [Int] {
        let album =
            switch agreement.album {
            case .same, .near: 0
            case .unasked, .unreadable: 1
            case .other: 2
            }
        let kind =
            switch listed.album?.kind {
            case .album: 0
            case .single: 1
            case .compilation: 2
            case nil: 3
            }
        return [album, kind, listed.playable == false ? 1 : 0]
    }
}

extension [FoundRelease] {
    /// The release to take names and places from.
    func best(for track: Track) -> FoundRelease? {
        let ranked = enumerated().map { place, release in
            let length = (release.agreement.difference ?? 0) / 1000
            return (
                key: release.rank + [length], date: release.listed.album?.releaseDate ?? "9999", place: place,
                release: release
            )
        }
        return ranked.min { one, other in
            if one.key != other.key { return one.key.lexicographicallyPrecedes(other.key) }
            return (one.date, one.place) < (other.date, other.place)
        }?.release
    }
}
