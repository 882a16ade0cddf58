import Contracts

/// Offers as a search answers with them, made up from a seed: the same in every run.
struct MatchWorkload: Sendable {
    enum Kind: String, CaseIterable, Sendable, Codable {
        /// Copies of the wanted track in folders of its album.
        case alike
        /// Other tracks, other artists and versions among them, every one in a folder of its own.
        case mixed
        /// The same for a wish in Cyrillic letters, with romanised names among them.
        case nonLatin = "non-latin"
    }

    let kind: Kind
    let track: Track
    let offers: [OfferedFile]

    init(_ kind: Kind, count: Int) {
        var numbers = NumberSequence(seed: 7)
        self.kind = kind
        track =
            kind == .nonLatin
            ? Self.wanted("Снежные лисы", "Синяя дорога", "Полярная ночь")
            : Self.wanted("The Copper Foxes", "Paper Lighthouse", "Salt and Static")
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
        switch kind {
        case .alike:
            return #"@@share\Music\The Copper Foxes\2004 - Salt and Static\04 - Paper Lighthouse.flac"#
        case .mixed:
            let (artist, album, title) = (numbers.pick(artists), numbers.pick(albums), numbers.pick(titles))
            let mark = numbers.pick(marks)
            return
                #"@@u\#(index)\Music\\#(artist)\\#(album) (\#(1970 + index % 50)) [FLAC]\#(index % 9)\04 - \#(artist) - \#(title)\#(mark).flac"#
        case .nonLatin:
            let (artist, album, title) = (
                numbers.pick(foreignArtists), numbers.pick(foreignAlbums), numbers.pick(foreignTitles)
            )
            let mark = numbers.pick(foreignMarks)
            return
                #"@@u\#(index)\Музыка\\#(artist)\\#(album) (\#(1970 + index % 50)) \#(index % 9)\04 - \#(artist) - \#(title)\#(mark).flac"#
        }
    }

    private static let artists = [
        "The Copper Foxes", "Copper Foxes, The", "Velvet Pines", "Ada Quill", "Northern Static", "Jo Svensson Trio",
    ]
    private static let albums = [
        "Salt and Static", "Salt & Static (Deluxe Edition)", "Harbour Hits", "Live at the Dome", "B-Sides", "Singles",
    ]
    private static let titles = [
        "Paper Lighthouse", "Papre Lighthouse", "Glass Harbour", "Slow Rivers (All the Way Down)", "Night Shift Pt. 2",
    ]
    private static let marks = [
        "", " (Live)", " (2011 Remaster)", " [320kbps]", " (Velvet Pines Remix)", " (Acoustic)",
    ]
    private static let foreignArtists = [
        "Снежные лисы", "Snezhnye Lisy", "Полярный экспресс", "Ночной дозор", "Аэлита",
    ]
    private static let foreignAlbums = ["Полярная ночь", "Polyarnaya noch", "Концерты", "Лучшее", "Избранное"]
    private static let foreignTitles = ["Синяя дорога", "Sinyaya doroga", "Зимний сад", "Последний трамвай", "Мосты"]
    private static let foreignMarks = ["", " (ремастер)", " (концерт)", " (акустика)", " [2003]"]
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
