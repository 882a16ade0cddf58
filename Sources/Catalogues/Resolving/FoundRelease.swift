import Contracts
import Matching

/// One release of a recording in the results of a catalogue.
struct FoundRelease: Sendable {
    let listed: CatalogueTrack
    let agreement: CatalogueAgreement

    /// Whether another result could be the wanted recording just as well, and is a different recording.
    func isContested(by others: [FoundRelease]) -> Bool {
        guard agreement.difference == nil else { return false }
        return others.contains { other in
            let hasSameISRC = listed.isrc != nil && listed.isrc == other.listed.isrc
            guard !hasSameISRC, let duration = listed.durationMS, let others = other.listed.durationMS else {
                return false
            }
            return !DurationTolerance.sameRecording.accepts(others, for: duration) && other.rank == rank
        }
    }

    /// The sort key, lowest first: the wanted album, then the kind of release, then whether the track is playable.
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
    /// Returns the release whose names and positions are used; `nil` when the list is empty.
    func best() -> FoundRelease? {
        let ranked = enumerated().map { index, release in
            let seconds = (release.agreement.difference ?? 0) / 1000
            return (
                key: release.rank + [seconds], date: release.listed.album?.releaseDate ?? "9999", index: index,
                release: release
            )
        }
        return ranked.min { one, other in
            if one.key != other.key { return one.key.lexicographicallyPrecedes(other.key) }
            return (one.date, one.index) < (other.date, other.index)
        }?.release
    }
}
