/// What kind of version a name says it is. Two recordings with different marks are different recordings.
enum VersionMark: String, Sendable, Hashable, CaseIterable {
    case live, remix, edit, extended, acoustic, instrumental, karaoke, demo, session, cover, reprise, clean, tempo
    case alternate, language, original
}

/// The grammar of words that stand beside a title: what marks a version, what says nothing about the recording.
///
/// Words that are neither are the rule, not the exception: whoever reads a name must treat an unexplained word as a
/// possible mark, because the words in which people write versions are open-ended.
enum VersionMarks {
    static func mark(_ word: WordID) -> VersionMark? { marks[word] }

    static func isHarmless(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        return word.isYear || harmless.contains(word.id) || isTechnical(words.letters[word.range])
    }

    /// Bitrates, sample rates, depths and musical keys: `320kbps`, `16bit`, `44khz`, `128bpm`, `v0`, `11b`.
    private static func isTechnical(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first, (48...57).contains(first) else { return false }
        return units.contains(WordID(word: word.drop { (48...57).contains($0) }))
    }

    private static let units = Set(
        ["kbps", "kbs", "kb", "k", "khz", "bit", "bits", "bpm", "hz", "th", "cd", "x", "st", "nd", "rd"].map {
            WordID($0)
        })

    private static let marks: [WordID: VersionMark] = {
        var marks: [WordID: VersionMark] = [:]
        for (mark, words) in wordsByMark {
            for word in words.split(separator: " ").map(String.init) {
                for id in Words(word).ids + Words(latin: word).ids { marks[id] = mark }
            }
        }
        return marks
    }()

    private static let wordsByMark: [(VersionMark, String)] = [
        (
            .live,
            "live unplugged concert konzert concierto concerto concierto bootleg bootlegs vivo directo ao livestream"
        ),
        (.live, "soundboard sbd aud koncert ライブ 라이브 концерт"),
        (.remix, "remix remixes remixed rmx mix mixes rework reworked refix bootmix mashup vip dub flip redux ремикс"),
        (.edit, "edit radio single short"),
        (.extended, "extended maxi 12inch long"),
        (.acoustic, "acoustic acustico acoustique akustik stripped piano акустика"),
        (.instrumental, "instrumental instrumentals inst acapella acappella cappella backing минус"),
        (.karaoke, "karaoke playback cdg singalong караоке"),
        (.demo, "demo demos rough sketch prototype rehearsal demoversion"),
        (.session, "session sessions peel bbc colors tiny"),
        (.cover, "cover covers covered tribute tributes hommage homage performs homenaje"),
        (.reprise, "reprise interlude medley megamix"),
        (.clean, "clean censored edited"),
        (.tempo, "nightcore slowed sped screwed chopped reverb daycore spedup"),
        (.alternate, "alternate alternative alt take outtake outtakes early unreleased"),
    ]

    /// Both as they are written and as transliteration levels them.
    private static let harmless = Set(Words(harmlessWords).ids).union(Words(latin: harmlessWords).ids)

    private static let harmlessWords = """
        remaster remastered remasters remastering remasterizado remasterise remasterizada mastered digital digitally
        version versions album original explicit dirty uncensored stereo mono feat featuring with from by
        deluxe edition expanded anniversary bonus track tracks disc disk cd1 cd2 cd cds lp ep ost soundtrack
        flac mp3 m4a aac alac wav ape ogg opus wma lossless lossy hq hd hi res hires hifi web webrip vinyl rip ripped
        eac cdrip kbps kbit khz bit bits cbr vbr v0 v2 v1 320 256 192 128 24bit 16bit 44 48 96 24 16 copy
        official audio video lyrics lyric music complete full length gapless replaygain quality xrcd sacd shm hdcd
        bpm key cut the and itunes amazon bandcamp qobuz deezer tidal spotify promo retail studio
        pressing press first japan uk us usa eu import reissue issue repress limited special collectors box set
        mfsl mofi dcc needledrop tagged my log cue scans
        """
}
