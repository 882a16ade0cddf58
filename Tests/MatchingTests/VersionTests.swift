import Contracts
import Matching
import Testing

@Suite struct `Telling versions apart` {
    @Test(arguments: [
        "(Live)", "- Live at the Dome 1999", "[Unplugged]", "(Velvet Pines Remix)", "(Acoustic)", "(Instrumental)",
        "[karaoke]", "(Demo)", "(Extended Mix)", "(sped up)", "(Reprise)", "(String Quartet)", "(en vivo)",
        "(Drumless)",
        "(feat. Velvet Pines)", "(Rehearsal Tape)", "(ao vivo)", "(Take 3)",
    ]) func `a mark that was not requested is another recording, whether the word is known or not`(mark: String) {
        #expect(verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse \(mark).flac") == .reject)
    }

    @Test(arguments: [
        "2001 - Live at the Dome", "Bootlegs/1998.07.12 - Oslo (SBD)", "Karaoke Classics", "Covers", "BBC Sessions",
    ]) func `a mark in a folder counts`(folder: String) {
        #expect(verdict("The Copper Foxes/\(folder)/04 Paper Lighthouse.flac") == .reject)
    }

    @Test(arguments: ["Albums & Bootlegs", "Remixes & Originals", "Studio and Live Albums", "Music - Live - Studio"])
    func `a folder for several kinds of versions has no mark`(shelf: String) {
        #expect(verdict("\(shelf)/The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac") == .accept)
    }

    @Test func `words of the wanted names are not marks`() {
        let wanted = track("Live Wire", by: ["Cover Session"], on: "Demo Days")
        #expect(verdict("Cover Session/Demo Days/04 Live Wire.flac", for: wanted) == .accept)
        #expect(verdict("Cover Session/Demo Days/04 Live Wire (Live).flac", for: wanted) == .reject)
    }

    @Test func `a requested version is accepted and the plain one is not`() {
        let remix = track("Paper Lighthouse - Velvet Pines Remix")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Velvet Pines Remix).flac", for: remix) == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Ada Quill Remix).flac", for: remix) == .reject)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", for: remix) == .reject)
        let live = track("Paper Lighthouse - Live at the Dome, Oslo - March 1999", on: "At the Dome")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Live at the Dome).flac", for: live) == .accept)
        #expect(verdict("The Copper Foxes/At the Dome/04 Paper Lighthouse.flac", for: live) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac", for: live) == .reject)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Live in Bergen).flac", for: live) == .reject)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Live from the Dome, Oslo).flac", for: live) == .accept)
    }

    @Test func `a remixer who is credited as an artist is found in the name of the remix`() {
        let wanted = track("Långsamt - DJ 9 Volt Remix", by: ["Ánna Vega", "DJ 9 Volt"])
        for name in ["Långsamt (DJ 9 Volt Remix)", "Langsamt - DJ 9 Volt Remix", "Långsamt [DJ 9 Volt Remix]"] {
            #expect(verdict("x/Ánna Vega - \(name).flac", for: wanted) == .accept)
        }
        #expect(verdict("x/Ánna Vega - Långsamt (Kim Sol Remix).flac", for: wanted) == .reject)
        #expect(verdict("x/Ánna Vega & DJ 9 Volt - Långsamt.flac", for: wanted) == .reject)
        #expect(verdict("x/Ánna Vega & DJ 9 Volt - Långsamt (Kim Sol Remix).flac", for: wanted) == .reject)
    }

    @Test func `every mark of the requested version must be there`() {
        let wanted = track("Paper Lighthouse - Live Acoustic")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Acoustic Live).flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Acoustic).flac", for: wanted) == .reject)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Live).flac", for: wanted) == .reject)
        let unplugged = track("Paper Lighthouse - Unplugged")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Unplugged).flac", for: unplugged) == .accept)
    }

    @Test func `a recording from another place is another recording, also when only the folder names the place`() {
        let wanted = track("Paper Lighthouse - Live at the Dome", on: "At the Dome")
        #expect(verdict("The Copper Foxes/2003 - Live in Yokohama/04 Paper Lighthouse.flac", for: wanted) == .reject)
        #expect(verdict("The Copper Foxes/Live in Yokohama/04 Paper Lighthouse (Live).flac", for: wanted) == .reject)
        #expect(verdict("The Copper Foxes/Live at the Dome/04 Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Live).flac", for: wanted) != .reject)
        let other = track("Paper Lighthouse - Live in Oslo", on: "Live in Oslo")
        #expect(verdict("The Copper Foxes/Live in Bergen/04 Paper Lighthouse.flac", for: other) == .reject)
    }

    @Test(arguments: ["Instrumental", "Arena Rock", "Acoustic", "Karaoke Evenings", "Concerts"])
    func `a shelf of a collection is no mark of the album in it`(shelf: String) {
        let album = "\(shelf)/The Copper Foxes/Salt and Static"
        #expect(verdict("\(album)/04 Paper Lighthouse.flac") == .accept)
        #expect(verdict("\(album)/04 Paper Lighthouse.flac", seconds: 247) != .accept)
        #expect(verdict("\(shelf)/The Copper Foxes - Paper Lighthouse.flac") != .accept)
    }

    @Test(arguments: [
        "Salt and Static (Kellerband)", "Salt and Static [Greenhouse Nights]", "Salt and Static Kellerband",
        "Salt and Static - Greenhouse Nights",
    ]) func `an album folder with unexplained words needs a person`(folder: String) {
        #expect(verdict("The Copper Foxes/\(folder)/04 Paper Lighthouse.flac") == .review)
    }

    @Test(arguments: [
        "re-recorded", "Re-Recording 2014", "newly recorded, 2014", "New Recording", "Neuaufnahme", "regrabado",
        "перезапись", "再録",
    ]) func `a later recording is another one, in both directions`(mark: String) {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (\(mark)).flac") == .reject)
        #expect(verdict("The Copper Foxes/Salt and Static (\(mark))/04 Paper Lighthouse.flac") != .accept)
        #expect(verdict("The Copper Foxes/Old Songs (\(mark))/04 Paper Lighthouse.flac") == .reject)
        let wanted = track("Paper Lighthouse - \(mark)", on: "Salt and Static (\(mark))")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (\(mark)).flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac", for: wanted) != .accept)
    }

    @Test(arguments: ["Orchestral Suite Version", "The Copper Foxes' Version", "Silver Jubilee Recording"])
    func `a version with a name of its own is told by its name`(name: String) {
        let wanted = track("Paper Lighthouse (\(name))", on: "Salt and Static (\(name))")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (\(name)).flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static (\(name))/04 Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac", for: wanted) != .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", for: wanted) != .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (\(name)).flac") == .reject)
    }

    @Test func `the year of a version is told from that of a remaster`() {
        let wanted = track("Paper Lighthouse - 2011 Version", on: "Salt and Static (2011 Version)")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (2011 Version).flac", for: wanted) == .accept)
        #expect(
            verdict("The Copper Foxes/Salt and Static (2011 Version)/04 Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/1984 - Salt and Static/04 Paper Lighthouse.flac", for: wanted) != .accept)
        #expect(
            verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse (2011 Remaster).flac", for: wanted) != .accept
        )
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (2011 Version).flac") != .accept)
    }

    @Test func `mono is not stereo where both are named`() {
        let wanted = track("Paper Lighthouse - Mono Mix")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Mono Mix).flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Stereo Mix).flac", for: wanted) == .reject)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Stereo).flac") == .accept)
    }

    @Test func `a file in a folder of remixes needs a person`() {
        for folder in [
            "Salt and Static (Dub Versions)", "Salt and Static Remixed", "The Salt and Static Remixes",
            "Glass Harbour Remixes",
        ] {
            #expect(verdict("The Copper Foxes/\(folder)/04 Paper Lighthouse.flac") != .accept)
        }
    }

    @Test func `a remaster on either side is the same recording`() {
        let wanted = track("Paper Lighthouse - Remastered 2011")
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (2004 Remaster).flac", for: wanted) == .accept)
    }

    @Test func `names of edits are no marks if the duration agrees`() {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Radio Edit).flac") == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Original Mix).flac") == .accept)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Radio Edit).flac", seconds: 200) == .reject)
    }

    @Test(arguments: [
        "{2014, Moss Records, MR-017}", "[Side A]", "(Track 4)", "[CD2]", "(High Quality)", "(Official Visualizer)",
        "[2011, Harbour Recordings HR0042, vinyl]",
    ]) func `notes about the copy are no marks`(note: String) {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse \(note).flac") == .accept)
    }

    @Test(arguments: ["{Greenhouse}", "[Side Project]", "(High)", "(Track 4 in the barn)", "(Harbour Recordings)"])
    func `words that look like notes about the copy are marks`(mark: String) {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse \(mark).flac") != .accept)
    }

    @Test(arguments: ["[KNL 225]", "{ARV 9 2201-2}", "[SLT 40.113]", "(ABCD 0042)"])
    func `a catalogue number of several words behind the album's name is a note`(number: String) {
        #expect(verdict("The Copper Foxes/[1994] Salt and Static \(number)/04 - Paper Lighthouse.flac") == .accept)
    }

    @Test(arguments: [
        "(Barn 1999)", "(Volume 12)", "(Greenhouse 7)", "(Leeds 14.02.1970)", "(Paris 21.06.71)", "(Oslo 70)",
    ])
    func `a word and a number behind the album's name are none if they can be something else`(words: String) {
        #expect(verdict("The Copper Foxes/Salt and Static \(words)/04 - Paper Lighthouse.flac") != .accept)
    }

    @Test(arguments: ["Music Box Version", "Box Version"])
    func `a note about the copy explains no version`(name: String) {
        #expect(verdict("The Copper Foxes/Salt and Static/04 Paper Lighthouse - \(name).flac") == .reject)
    }

    @Test func `a word of the album's name is a mark in another folder`() {
        let wanted = track(on: "Live Cargo")
        #expect(verdict("The Copper Foxes/Live Cargo/04 Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("The Copper Foxes/Live Cargo/04 Paper Lighthouse (Live).flac", for: wanted) == .accept)
        #expect(
            verdict("The Copper Foxes - Live at the Ironworks/04 Paper Lighthouse.flac", for: wanted) == .reject)
    }

    @Test func `the version of a single is an edit`() {
        let name = #"The Copper Foxes/Salt and Static/Paper Lighthouse (7" Version).flac"#
        #expect(verdict(name) == .accept)
        #expect(verdict(name, seconds: 210) == .reject)
        #expect(verdict(#"The Copper Foxes/Salt and Static/Paper Lighthouse (7" Remix).flac"#) == .reject)
    }

    @Test func `the cover disc of a magazine has no covers`() {
        #expect(
            verdict("Magazine Cover CD 118/Various Artists - 02 - The Copper Foxes - Paper Lighthouse.flac") == .accept)
        #expect(verdict("Best Covers 118/Various Artists - 02 - The Copper Foxes - Paper Lighthouse.flac") == .reject)
    }

    @Test func `words of the title in brackets after it are unexplained`() {
        let wanted = track("Field Notes")
        #expect(verdict("x/The Copper Foxes - Field Notes.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes - Field Notes (field).flac", for: wanted) != .accept)
    }

    @Test func `an unknown word in brackets is unexplained`() {
        var numbers = SplitMix(seed: 11)
        let syllables = ["ba", "ko", "ri", "mun", "tel", "sha", "vo", "quin", "dra", "lu", "pez", "ori", "eth", "gam"]
        for _ in 0..<500 {
            let word = (0..<Int.random(in: 2...4, using: &numbers)).map { _ in
                syllables[Int.random(in: syllables.indices, using: &numbers)]
            }.joined()
            for name in ["Paper Lighthouse (\(word))", "Paper Lighthouse - \(word)", "Paper Lighthouse [\(word) 2011]"]
            {
                #expect(verdict("x/The Copper Foxes - \(name).flac") != .accept, "\(name)")
            }
        }
    }

    @Test func `a credited guest can be missing`() {
        let wanted = track("Paper Lighthouse (feat. Ada Quill)", by: ["The Copper Foxes", "Ada Quill"])
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes ft. Ada Quill - Paper Lighthouse.flac", for: wanted) == .accept)
        #expect(verdict("x/The Copper Foxes feat. Jo Svensson - Paper Lighthouse.flac", for: wanted) == .reject)
    }

    @Test func `a clean version of an explicit track is another recording`() {
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Clean).flac", for: track(explicit: true)) == .reject)
        #expect(
            verdict("The Copper Foxes/Salt and Static [Edited]/04 Paper Lighthouse.flac", for: track(explicit: true))
                == .reject)
        #expect(verdict("x/The Copper Foxes - Paper Lighthouse (Explicit).flac", for: track(explicit: true)) == .accept)
    }
}
