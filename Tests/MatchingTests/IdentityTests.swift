import Contracts
import Matching
import Testing

@Suite struct `Deciding what a file is` {
    @Test(arguments: [
        #"@@abcde\Music\The Copper Foxes\2004 - Salt and Static\04 - Paper Lighthouse.flac"#,
        #"Music/Copper Foxes, The/Salt & Static (Deluxe Edition)/1-04 Paper Lighthouse.flac"#,
        #"stuff\The Copper Foxes - Paper Lighthouse.flac"#,
        #"stuff\Paper Lighthouse - The Copper Foxes.flac"#,
        #"VA - Harbour Hits (2005)\13. Copper Foxes - Paper Lighthouse.flac"#,
        #"The_Copper_Foxes-Salt_and_Static-WEB-2004-GRP\04-the_copper_foxes-paper_lighthouse-grp.flac"#,
        #"x\thecopperfoxes-paperlighthouse.flac"#,
        #"x\The Copper Foxes - Papre Lighthouse.flac"#,
        #"x\The Copper Foxes - Paper Lighthouse (2011 Remaster) [320kbps].flac"#,
        #"x\The Copper Foxes - Salt and Static - 04 - Paper Lighthouse (Album Version).flac"#,
        #"x\The Copper Foxes - Paper Lighthouse [www.some-site.ru].flac"#,
        #"x\A4 The Copper Foxes - Paper Lighthouse (vinyl rip 24bit).flac"#,
        #"x\The Copper Foxes = Salt and Static = 1977\04 Paper Lighthouse.flac"#,
        #"The Copper Foxes\1977 Salt and Static\The Copper Foxes-04-Paper Lighthouse.flac"#,
    ]) func `names that people give to the wanted recording are accepted`(path: String) {
        #expect(verdict(path) == .accept)
    }

    @Test(arguments: [
        #"The Copper Foxes\Salt and Static\05 - Glass Harbour.flac"#,
        #"The Copper Foxes\Salt and Static\04 - Not a Paper Lighthouse.flac"#,
        #"The Copper Foxes\Salt and Static\04 - Paper Lighthouse Blues.flac"#,
        #"The Copper Foxes\Paper Lighthouse (Single)\02 - Glass Harbour.flac"#,
        #"The Copper Foxes\Salt and Static\Paper Lighthouse 2.flac"#,
        #"Velvet Pines\Songs\Velvet Pines - Paper Lighthouse.flac"#,
        #"Songs for The Copper Foxes\Velvet Pines - Paper Lighthouse.flac"#,
        #"x\The Copper Foxes Experience - Paper Lighthouse.flac"#,
        #"Velvet Pines\Velvet Pines - Paper Lighthouse (The Copper Foxes cover).flac"#,
        #"A Tribute to The Copper Foxes\04 - Paper Lighthouse.flac"#,
    ]) func `another title or another artist is never accepted`(path: String) {
        #expect(verdict(path) == .reject)
    }

    @Test(arguments: ["Popper Foxes", "The Copper Boxes", "Cooper Foxen"])
    func `an artist that differs in one letter is not accepted`(artist: String) {
        #expect(verdict("x/\(artist) - Paper Lighthouse.flac") != .accept)
    }

    @Test func `a file without an artist needs a person, unless album, position and duration agree`() {
        #expect(verdict(#"x\mixed\Paper Lighthouse.flac"#) == .review)
        #expect(verdict(#"x\Salt and Static\04 Paper Lighthouse.flac"#) == .accept)
        #expect(verdict(#"x\Salt and Static\07 Paper Lighthouse.flac"#) == .review)
    }

    @Test(arguments: ["09", "Track 09", "track09", "1-09", "109", "09 - The Copper Foxes", "Piste 9", "Дорожка 9"])
    func `a file with only a number is the track at that position of the album, if the duration agrees`(name: String) {
        var wanted = track()
        wanted.trackNumber = 9
        #expect(verdict("The Copper Foxes/Salt and Static/\(name).flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/\(name).flac", for: wanted, seconds: 246) != .accept)
        #expect(verdict("The Copper Foxes/Glass Harbour/\(name).flac", for: wanted) == .reject)
        #expect(verdict("The Copper Foxes/Salt and Static/CD2/\(name).flac", for: wanted) == disc(of: name))
        wanted.trackNumber = 8
        #expect(verdict("The Copper Foxes/Salt and Static/\(name).flac", for: wanted) == .reject)
    }

    /// In a folder of the second disc only a name with the number of the first disc is on the first disc.
    private func disc(of name: String) -> MatchOutcome { name.hasPrefix("1") ? .accept : .reject }

    @Test func `a file with the title is ranked before one with only a number`() {
        var wanted = track()
        wanted.trackNumber = 9
        let numbered = offer("The Copper Foxes/Salt and Static/09.flac")
        let named = offer("The Copper Foxes/Salt and Static/09 Paper Lighthouse.mp3", kbps: 320)
        #expect(Matcher().judge(wanted: wanted, offers: [numbered, named]).ranked.first?.offer == named)
    }

    @Test(arguments: [
        "My Love", "First Love", "Special Love", "Original Love", "Love Us", "Full Love", "Love Official",
    ])
    func `a word beside the title is a part of another title, also when it can be a note elsewhere`(title: String) {
        #expect(verdict("x/The Copper Foxes - \(title).flac", for: track("Love")) != .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/02 \(title).flac", for: track("Love")) != .accept)
    }

    @Test func `a wrong song is not chosen for its quality`() {
        let wrong = offer("x/The Copper Foxes - My Love.flac", user: "wrong")
        let right = offer("x/The Copper Foxes - Love.mp3", kbps: 320, user: "right")
        let decision = Matcher().judge(wanted: track("Love"), offers: [wrong, right])
        #expect(decision.outcome == .accept && decision.ranked.first?.offer == right)
    }

    @Test func `a sign that file systems forbid may be replaced`() {
        for name in ["N_A", "N-A", "N A", "NA"] {
            #expect(
                verdict("The Copper Foxes/Salt and Static/04 - \(name).flac", for: track("N/A")) == .accept, "\(name)")
        }
        #expect(verdict("The Copper Foxes/Salt and Static/04 - A.flac", for: track("N/A")) != .accept)
        let rock = track("Rock 'n' Roll Night")
        for name in ["Rock n Roll Night", "Rock_n_Roll_Night", "Rock and Roll Night", "Rock & Roll Night"] {
            #expect(verdict("x/The Copper Foxes - \(name).flac", for: rock) == .accept, "\(name)")
        }
    }

    @Test(arguments: [
        "Various Artists - 03 - The Copper Foxes - Paper Lighthouse", "VA - 03 - The Copper Foxes - Paper Lighthouse",
        "03 - Various Artists - The Copper Foxes - Paper Lighthouse",
        "Verschiedene Interpreten - The Copper Foxes - Paper Lighthouse",
        "Разные исполнители - 03 - The Copper Foxes - Paper Lighthouse",
    ]) func `a name that says various artists is read`(name: String) {
        #expect(verdict("Harbour Hits/\(name).flac") == .accept)
    }

    @Test(arguments: [
        ("Синяя дорога", "Белый берег"), ("Γαλάζιος δρόμος", "Λευκή ακτή"), ("푸른 길", "하얀 바다"), ("ひかりのみち", "よるのうみ"),
        ("青い道", "白い海"), ("דרך כחולה", "ים לבן"), ("طريق أزرق", "بحر أبيض"),
    ]) func `another title in the same script is another title, whatever agrees`(title: String, other: String) {
        let wanted = track(title)
        #expect(verdict("The Copper Foxes/Salt and Static/04 \(title).flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 \(other).flac", for: wanted) != .accept)
    }

    @Test func `numbers in titles are never typing errors`() {
        let wanted = track("Night Shift, Pt. 2")
        #expect(verdict("x/The Copper Foxes - Night Shift Part II.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Night Shift (Part Two).flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Night Shift Part III.flac", for: wanted) == .reject)
        #expect(verdict("x/The Copper Foxes - Night Shift.flac", for: wanted) == .reject)
    }

    @Test func `a subtitle may be missing, a part of the name may not`() {
        let wanted = track("Slow Rivers (All the Way Down)")
        #expect(verdict("x/The Copper Foxes - Slow Rivers.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - All the Way Down.flac", for: wanted) == .reject)
    }

    @Test(arguments: [
        "x/Snezhnye Lisy/Polyarnaya noch/04 Sinyaya doroga.flac", "x/Снежные лисы - Синяя дорога.flac",
        "x/Снежные лисы - Синяя дорога (Sinyaya doroga).flac",
    ]) func `a name in another script is recognised by its transliteration`(path: String) {
        #expect(verdict(path, for: track("Синяя дорога", by: ["Снежные лисы"], on: "Полярная ночь")) == .accept)
    }

    @Test func `a translation beside a title is treated as a version, unless a peer has the same file without it`() {
        let wanted = track("Синяя дорога", by: ["Снежные лисы"], on: "Полярная ночь")
        #expect(verdict("x/Снежные лисы - Синяя дорога (Blue Road).flac", for: wanted) == .reject)
        let glossed = offer("x/Полярная ночь/Снежные лисы - Синяя дорога (Blue Road).flac", user: "one")
        #expect(Matcher().judge(wanted: wanted, offers: [glossed]).outcome == .review)
        let plain = offer("x/Снежные лисы - Синяя дорога.flac", user: "two")
        let both = Matcher().judge(wanted: wanted, offers: [glossed, plain])
        #expect(both.ranked.map(\.outcome) == [.accept, .accept])
        #expect(verdict("x/Полярная ночь/04 Синяя дорога (Spanish Version).flac", for: wanted) == .reject)
    }

    @Test(arguments: ["Dark Lantern", "Lark Lantern", "Bark Lanterns", "Bask Lantern"])
    func `another word is not a typing error`(title: String) {
        #expect(verdict("x/The Copper Foxes - \(title).flac", for: track("Bark Lantern")) != .accept)
    }

    @Test(arguments: ["Bark Lantren", "Bark Lanttern", "Bark Latern", "Bark Lantwrn", "BarkLantern", "Bark Lantern~1"])
    func `typing errors leave a word the same`(title: String) {
        #expect(verdict("x/The Copper Foxes - \(title).flac", for: track("Bark Lantern")) == .accept)
    }

    @Test(arguments: ["Cafe Ete - Ca et la", "CAFÉ ÉTÉ - ÇA ET LÀ", "CafÃ© Ã‰tÃ© - Ã‡a et lÃ\u{a0}"])
    func `accents may be missing, odd or damaged`(name: String) {
        #expect(verdict("x/\(name).flac", for: track("Ça et là", by: ["Café Été"], on: nil)) == .accept)
    }

    @Test func `a work of several performers needs one of the wanted ones`() {
        let wanted = track(
            "Sonata No. 3 in D Minor, Op. 12: II. Largo", by: ["Anselm Richter", "Mira Halloran"],
            on: "Richter: Sonatas")
        let title = "Sonata No. 3 in D Minor, Op. 12 - II. Largo"
        #expect(verdict("Anselm Richter/Sonatas (Halloran)/05 \(title).flac", for: wanted) == .accept)
        #expect(verdict("Anselm Richter/Sonatas (Jo Svensson)/05 \(title).flac", for: wanted) != .accept)
        #expect(
            verdict("Anselm Richter/Sonatas (Halloran)/Sonata No. 3 in D Minor, Op. 12 - I. Allegro.flac", for: wanted)
                == .reject)
    }

    @Test func `a movement is recognised in another language by the numbers of its work`() {
        let wanted = track(
            "Sonata No. 3 in D Minor, Op. 12: II. Largo", by: ["Anselm Richter", "Mira Halloran"],
            on: "Richter: Sonatas")
        let accepted = [
            "Richter - Sonate Nr. 3 d-Moll, op. 12 (Halloran)/05 II. Largo",
            "Anselm Richter - Sonate n° 3 en ré mineur, op. 12 - 2. Largo (Mira Halloran)",
            "Richter - Sonata n. 3 in re minore, op. 12 - II. Largo (Halloran)",
        ]
        for name in accepted { #expect(verdict("Klassik/\(name).flac", for: wanted) == .accept, "\(name)") }
        let others = [
            "Richter - Sonate Nr. 2 d-Moll, op. 12 (Halloran)/05 II. Largo",
            "Richter - Sonate Nr. 3 d-Moll, op. 12 (Halloran)/05 III. Largo",
            "Richter - Sonate Nr. 3 d-Moll, op. 12 (Svensson)/05 II. Largo",
            "Richter - Sonate Nr. 3 d-Moll, op. 12 (Mira Halloran, Oslo Chamber Soloists)/05 II. Largo",
        ]
        for name in others { #expect(verdict("Klassik/\(name).flac", for: wanted) != .accept, "\(name)") }
    }

    @Test func `a word of the title beside it makes another title`() {
        let wanted = track("Stone")
        #expect(verdict("The Copper Foxes/Salt and Static/04 The Copper Foxes - Stone.flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 Stone by Stone.flac", for: wanted) == .reject)
        var one = track("One")
        one.trackNumber = 1
        #expect(verdict("The Copper Foxes/Salt and Static/1. One.flac", for: one) == .accept)
        #expect(
            verdict("x/The Album Leaf - Wet (Album Version).flac", for: track("Wet", by: ["The Album Leaf"])) == .accept
        )
    }

    @Test func `the address of a site in brackets is a note`() {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse [tonebarn.audio].flac") == .accept)
        for mark in ["[Acoustic.Version]", "(Extended.Mix)", "[Live.Session]"] {
            #expect(verdict("x/The Copper Foxes - Paper Lighthouse \(mark).flac") == .reject)
        }
    }

    @Test func `a title that is cut short needs album and position`() {
        let wanted = track("Não me espere acordado")
        #expect(verdict("The Copper Foxes/Salt and Static/04 Não me espere ac.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Não me espere ac.flac", for: wanted) != .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 Não me.flac", for: wanted) != .accept)
    }

    @Test func `the last word of an ensemble's name does not identify it`() {
        let wanted = track("Serenade in F Major, Op. 8: II. Scherzo", by: ["Hugo Lindgren", "Nordic Winds"], on: nil)
        let title = "Serenade in F major, Op. 8 - II. Scherzo"
        #expect(verdict("Lindgren - Serenades (Nordic Winds)/02 \(title).flac", for: wanted) == .accept)
        #expect(verdict("Lindgren - Serenades (Malmo Winds)/02 \(title).flac", for: wanted) != .accept)
    }

    @Test func `the name of the work can be in the folder of a movement`() {
        let wanted = track(
            "Serenade in F Major, Op. 8: II. Scherzo", by: ["Hugo Lindgren", "Nordic Winds"], on: "Lindgren: Serenades")
        let folder = "Nordic Winds/Lindgren"
        #expect(verdict("\(folder)/Serenade in F major, Op. 8/02 II. Scherzo.flac", for: wanted) == .accept)
        #expect(verdict("\(folder)/Serenade in D major, Op. 11/02 II. Scherzo.flac", for: wanted) == .reject)
        #expect(verdict("\(folder)/Serenade in F major, Op. 8/03 III. Scherzo.flac", for: wanted) == .reject)
        let numbered = "\(folder)/Serenade in F major, Op. 8 - 02 - II. Scherzo.flac"
        #expect(verdict(numbered, for: wanted) == .accept)
    }

    @Test func `a title of signs must occur in the name exactly`() {
        let wanted = track("...", by: ["The Copper Foxes"])
        #expect(verdict("The Copper Foxes/Salt and Static/04 ....flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 !!!.flac", for: wanted) != .accept)
    }

    @Test func `a similar title is doubtful beside an exact one`() {
        let like = offer("The Copper Foxes/Salt and Static/04 Paper Lighthouses.flac", user: "like")
        let exact = offer("The Copper Foxes/Salt and Static/04 Paper Lighthouse.mp3", kbps: 320, user: "exact")
        #expect(Matcher().judge(wanted: track(), offers: [like]).outcome == .accept)
        let decision = Matcher().judge(wanted: track(), offers: [like, exact])
        #expect(decision.outcome == .accept)
        #expect(decision.section().candidates.map(\.user) == ["exact"])
    }

    @Test func `tags are evidence beside the path, and their marks count`() {
        var file = offer("x/track04.flac")
        file.tags = OfferedTags()
        file.tags?.title = "Paper Lighthouse"
        file.tags?.artist = "The Copper Foxes"
        #expect(Matcher().judge(wanted: track(), offers: [file]).outcome == .accept)
        file.tags?.title = "Paper Lighthouse (Live in Oslo)"
        #expect(Matcher().judge(wanted: track(), offers: [file]).outcome == .reject)
        file = offer("x/The Copper Foxes - Paper Lighthouse.flac")
        file.tags = OfferedTags()
        file.tags?.artist = "Velvet Pines"
        #expect(Matcher().judge(wanted: track(), offers: [file]).outcome == .review)
    }

    @Test func `an equal ISRC decides, unless the duration contradicts`() {
        var wanted = track()
        wanted.isrc = "QZ-ABC-04-00001"
        var file = offer("x/0001.flac")
        file.tags = OfferedTags()
        file.tags?.isrc = "QZABC0400001"
        #expect(Matcher().judge(wanted: wanted, offers: [file]).outcome == .accept)
        file.durationMS = 300_000
        #expect(Matcher().judge(wanted: wanted, offers: [file]).outcome == .reject)
    }

    @Test func `durations within five seconds are one recording, nine seconds apart are two`() {
        for seconds in [235, 240, 245] {
            #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", seconds: seconds) == .accept)
        }
        for seconds in [30, 231, 250, 480] {
            #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", seconds: seconds) == .reject)
        }
    }

    @Test func `the durations of long works may differ by a share`() {
        var wanted = track()
        wanted.durationMS = 3_600_000
        for (seconds, outcome) in [(3_600, MatchOutcome.accept), (3_615, .accept), (3_585, .accept), (3_700, .reject)] {
            #expect(
                verdict("x/The Copper Foxes - Paper Lighthouse.m4b", for: wanted, seconds: seconds, kbps: 256)
                    == outcome)
        }
    }

    @Test func `an unknown duration needs a folder of the album`() {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", seconds: nil) == .review)
        #expect(verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac", seconds: nil) == .accept)
        var wanted = track()
        wanted.durationMS = nil
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", for: wanted) == .review)
        #expect(verdict("x/The Copper Foxes - Glass Harbour.flac", for: wanted) == .reject)
    }
}
