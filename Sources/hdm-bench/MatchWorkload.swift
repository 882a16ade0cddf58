import Contracts
import Foundation

/// Offers as a search answers with them, made up from a seed: the same in every run.
struct MatchWorkload: Sendable {
    enum Kind: String, CaseIterable, Sendable, Codable {
        /// The wanted artist's tracks and their versions, as most answers of a search are.
        case sameArtist = "same-artist"
        /// Other artists, titles and versions among them, every one in a folder of its own.
        case mixed
        /// The same for a wish in Cyrillic letters, with romanised names among them.
        case cyrillic
        /// The same for a wish in Japanese, with romanised names among them.
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

/// What the paths of a workload are made of; the first of each is the wanted one.
private struct WorkloadNames {
    var artists: [String]
    var albums: [String]
    var titles: [String]
    var marks: [String]
}

extension MatchWorkload.Kind {
    fileprivate var names: WorkloadNames {
        switch self {
        case .sameArtist, .mixed: Self.latin
        case .cyrillic: Self.cyrillicNames
        case .cjk: Self.japanese
        }
    }

    private static let latin = WorkloadNames(
        artists: [
            "The Copper Foxes", "Copper Foxes, The", "Velvet Pines", "Ada Quill", "Northern Static", "Jo Svensson Trio",
        ],
        albums: [
            "Salt and Static", "Salt & Static (Deluxe Edition)", "Harbour Hits", "Live at the Dome", "B-Sides",
            "Singles",
        ],
        titles: [
            "Paper Lighthouse", "Papre Lighthouse", "Glass Harbour", "Slow Rivers (All the Way Down)",
            "Night Shift Pt. 2",
        ],
        marks: ["", " (Live)", " (2011 Remaster)", " [320kbps]", " (Velvet Pines Remix)", " (Acoustic)"])

    private static let cyrillicNames = WorkloadNames(
        artists: ["Снежные лисы", "Snezhnye Lisy", "Полярный экспресс", "Ночной дозор", "Аэлита"],
        albums: ["Полярная ночь", "Polyarnaya noch", "Концерты", "Лучшее", "Избранное"],
        titles: ["Синяя дорога", "Sinyaya doroga", "Зимний сад", "Последний трамвай", "Мосты"],
        marks: ["", " (ремастер)", " (концерт)", " (акустика)", " [2003]"])

    private static let japanese = WorkloadNames(
        artists: ["夜明けの灯台", "Yoake no Toudai", "青葉レコード", "銀河放送局", "霧島アヤ"],
        albums: ["海辺の町", "Umibe no Machi", "ライブ盤", "ベスト", "シングル集"],
        titles: ["坂道", "透明な手紙", "夏の終わり", "Sakamichi", "坂道の途中"],
        marks: ["", " (リマスター)", " (ライブ)", " (アコースティック)", " [2015]", " feat. 初花"])
}

/// Numbers that only look random.
struct NumberSequence: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(limit, 1)
    }

    mutating func pick(_ texts: [String]) -> String { texts.isEmpty ? "" : texts[next(texts.count)] }
}
