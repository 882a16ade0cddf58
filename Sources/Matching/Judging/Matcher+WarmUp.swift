import Contracts

extension Matcher {
    /// Loads what the first search of a process would load: the lexicon, and the tables of transliterations and of
    /// encodings before Unicode. Takes some tenths of a second.
    public func warmUp() {
        for (artist, title) in Self.samples {
            var track = Track(artist: artist, title: title, album: title)
            (track.durationMS, track.trackNumber) = (240_000, 4)
            let query = QueryPlan(track).queries.last?.text ?? title
            let names = ["\(artist) - \(title)", "04 - \(query) (Live)", "04_\(title)_remastered", "ÈíÊ ÞÏíã"]
            let offers = names.enumerated().map { index, name in
                var offer = OfferedFile(
                    source: "", path: "@@peer\\Music\\\(artist)\\\(title)\\\(name).flac", size: 25_000_000)
                (offer.user, offer.durationMS) = ("\(index)", 240_000)
                return offer
            }
            _ = judge(wanted: track, offers: offers, albumTracks: 10)
        }
    }

    /// Invented names in the scripts whose tables are loaded on demand.
    private static let samples = [
        ("The Copper Foxes", "Paper Lighthouse"), ("Café Été", "Ça et là"), ("Вера Лунная", "Тихая вода"),
        ("Νίκος Θάλασσας", "Φάρος"), ("港町シグナル", "雨の国道"), ("何曉嵐", "七樓的貓"), ("달빛 우체국", "종이배"),
        ("هالة يونس", "بيت قديم"), ("נועה גל", "מגדלור"), ("น้ำค้าง", "ฝุ่น"),
    ]
}
