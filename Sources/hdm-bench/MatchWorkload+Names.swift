/// The parts of the paths; the first of each list is the wanted one.
struct WorkloadNames {
    var artists: [String]
    var albums: [String]
    var titles: [String]
    var marks: [String]
}

extension MatchWorkload.Kind {
    var names: WorkloadNames {
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
