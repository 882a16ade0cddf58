import Contracts
import Matching

/// Returns a track of four minutes by an invented band.
func track(
    _ title: String = "Paper Lighthouse", by artists: [String] = ["The Copper Foxes"],
    on album: String? = "Salt and Static",
    explicit: Bool = false
) -> Track {
    var track = Track(artist: artists.first ?? "", title: title, album: album)
    track.artists = artists
    track.durationMS = 240_000
    track.trackNumber = 4
    track.explicit = explicit
    return track
}

/// Returns a complete lossless file of four minutes, or one of the given type and duration.
func offer(
    _ path: String, seconds: Int? = 240, kbps: Int? = nil, user: String = "someone", size: Int64? = nil
) -> OfferedFile {
    let rate = Int64(kbps ?? 850)
    var file = OfferedFile(source: "slskd", path: path, size: size ?? rate * 125 * Int64(seconds ?? 240))
    file.user = user
    file.durationMS = seconds.map { $0 * 1000 }
    if kbps != nil { file.bitrateKbps = kbps } else { file.bitDepth = 16 }
    return file
}

/// Returns the decision about a single offer.
func verdict(_ path: String, for track: Track = track(), seconds: Int? = 240, kbps: Int? = nil) -> MatchOutcome {
    Matcher().judge(wanted: track, offers: [offer(path, seconds: seconds, kbps: kbps)]).outcome
}
