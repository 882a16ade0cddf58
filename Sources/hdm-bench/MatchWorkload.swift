import Contracts
import Foundation

/// Generated offers of one search. They are the same in every run.
struct MatchWorkload: Sendable {
    enum Kind: String, CaseIterable, Sendable, Codable {
        /// Tracks of the wanted artist in several versions, as in most searches.
        case sameArtist = "same-artist"
        /// Several artists, titles and versions, each in a folder of its own.
        case mixed
        /// As mixed, with names in Cyrillic letters, some of them romanised.
        case cyrillic
        /// As mixed, with Japanese names, some of them romanised.
        case cjk
    }

    let kind: Kind
    let track: Track
    let offers: [OfferedFile]

    init(_ kind: Kind, count: Int) {
        var numbers = NumberSequence(seed: 7)
        self.kind = kind
        let names = kind.names
        track = Self.wanted(names.artists[0], names.titles[0], names.albums[0])
        offers = (0..<count).map { index in
            let path = Self.path(kind, index, &numbers)
            return Self.offer(path, index, &numbers)
        }
    }

    private static func wanted(_ artist: String, _ title: String, _ album: String) -> Track {
        var track = Track(artist: artist, title: title, album: album)
        track.artists = [artist]
        track.durationMS = 240_000
        track.trackNumber = 4
        return track
    }

    private static func offer(_ path: String, _ index: Int, _ numbers: inout NumberSequence) -> OfferedFile {
        let seconds = 239 + numbers.next(4)
        var file = OfferedFile(source: "slskd", path: path, size: Int64((700 + numbers.next(300)) * 125 * seconds))
        file.user = "user\(index % 131)"
        file.durationMS = seconds * 1000
        file.bitDepth = 16
        file.sampleRate = 44_100
        file.peer = OfferingPeer(
            hasFreeSlot: numbers.next(2) == 0, queueLength: numbers.next(60),
            uploadSpeed: Int64(numbers.next(5_000_000)))
        return file
    }

    private static func path(_ kind: Kind, _ index: Int, _ numbers: inout NumberSequence) -> String {
        let names = kind.names
        let artist = kind == .sameArtist ? names.artists[numbers.next(2)] : numbers.pick(names.artists)
        let (album, title, mark) = (numbers.pick(names.albums), numbers.pick(names.titles), numbers.pick(names.marks))
        let folder = #"@@u\#(index)\Music\\#(artist)\\#(album) (\#(1990 + index % 10)) [FLAC]"#
        return #"\#(folder)\\#(String(format: "%02d", index % 14 + 1)) - \#(artist) - \#(title)\#(mark).flac"#
    }
}

/// A sequence of pseudo-random numbers.
struct NumberSequence: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(limit, 1)
    }

    mutating func pick(_ texts: [String]) -> String { texts.isEmpty ? "" : texts[next(texts.count)] }
}
