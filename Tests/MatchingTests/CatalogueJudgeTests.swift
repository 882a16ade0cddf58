import Contracts
import Testing

@testable import Matching

@Suite("Comparing with catalogues")
struct CatalogueJudgeTests {
    private func compare(_ wanted: Track, _ listed: Track) -> CatalogueAgreement {
        var judge = CatalogueJudge(wanted: wanted)
        return judge.compare(listed)
    }

    private func track(_ artist: String, _ title: String, _ album: String? = nil, ms: Int? = nil) -> Track {
        var track = Track(artist: artist, title: title, album: album)
        track.durationMS = ms
        return track
    }

    @Test(
        "The same names, however people and catalogues write them",
        arguments: [
            ("Lantern Row", "Harbour Lights", ["Lantern Row"], "Harbour Lights - 2011 Remaster"),
            ("lantern row", "HARBOUR LIGHTS", ["Lantern Row"], "Harbour Lights"),
            ("Lantern Row feat. Mira Holt", "Tidal", ["Lantern Row", "Mira Holt"], "Tidal (feat. Mira Holt)"),
            ("Lantern Row & Mira Holt", "Tidal", ["Lantern Row", "Mira Holt"], "Tidal"),
            ("Ánna Vega", "Långsamt", ["Anna Vega"], "Langsamt"),
            ("The Quay Singers", "Harbor Lights (Live)", ["Quay Singers"], "Harbor Lights - Live at the Old Dock"),
            ("Северный Причал", "Река и мост", ["Северный Причал"], "Река И Мост"),
            ("Severny Prichal", "Reka i most", ["Северный Причал"], "Река и мост"),
        ])
    func same(_ artist: String, _ title: String, _ artists: [String], _ name: String) {
        var listed = Track(artist: artists[0], title: name)
        listed.artists = artists
        let agreement = compare(track(artist, title), listed)
        #expect(agreement.isSame, "\(agreement)")
        #expect(!agreement.isContradiction)
    }

    @Test(
        "Other recordings, however alike their names are",
        arguments: [
            ("Lantern Row", "Harbour Lights", "The Quay Singers", "Harbour Lights"),
            ("Lantern Row", "Harbour Lights", "Lantern Row", "Harbour Lights - Live at the Old Dock"),
            ("Lantern Row", "Harbour Lights", "Lantern Row", "Harbour Lights - Otter Remix"),
            ("Lantern Row", "Harbour Lights (Otter Remix)", "Lantern Row", "Harbour Lights - Weasel Remix"),
            ("Lantern Row", "Harbour Lights", "Lantern Row", "Harbour Lights II"),
            ("Lantern Row", "Harbour Lights", "Lantern Row", "Undertow"),
            ("Lantern", "Harbour Lights", "Lantern Row", "Harbour Lights"),
        ])
    func others(_ artist: String, _ title: String, _ listedArtist: String, _ listedTitle: String) {
        #expect(!compare(track(artist, title), track(listedArtist, listedTitle)).isSame)
    }

    @Test func `Another duration contradicts equal names, but not an equal identifier`() {
        let wanted = track("Lantern Row", "Harbour Lights", ms: 100_000)
        let agreement = compare(wanted, track("Lantern Row", "Harbour Lights", ms: 214_000))
        #expect(!agreement.isSame && !agreement.isContradiction)
        #expect(agreement.difference == 114_000)
    }

    @Test func `Names in another script do not contradict an identifier`() {
        let agreement = compare(track("Todaidan", "Yoru no Minato"), track("灯台団", "夜の港"))
        #expect(agreement.title == .unreadable && agreement.hasOtherScript)
        #expect(!agreement.isSame && !agreement.isContradiction)
    }

    @Test func `Other names and another version contradict an identifier`() {
        let wanted = track("Lantern Row", "Harbour Lights", ms: 214_000)
        #expect(compare(wanted, track("Ada Fennimore", "Ledger", ms: 214_000)).isContradiction)
        #expect(compare(wanted, track("Lantern Row", "Undertow", ms: 243_000)).isContradiction)
        #expect(compare(wanted, track("Lantern Row", "Harbour Lights - Live", ms: 268_000)).isContradiction)
        // The same recording under another name.
        #expect(!compare(wanted, track("Lantern Row", "Hafenlichter", ms: 214_500)).isContradiction)
    }

    @Test func `A track without names contradicts no recording`() {
        var wanted = Track(artist: "", title: "")
        wanted.isrc = "QZHDM1900001"
        let agreement = compare(wanted, track("Lantern Row", "Harbour Lights - Live", "Night Ferry"))
        #expect(agreement.title == .unasked && agreement.artist == .unasked && agreement.album == .unasked)
        #expect(!agreement.isContradiction && !agreement.hasOtherScript)
    }

    @Test func `Editions of the wanted album count as the album`() {
        let wanted = track("Lantern Row", "Harbour Lights", "Night Ferry")
        #expect(compare(wanted, track("Lantern Row", "Harbour Lights", "Night Ferry (Remastered)")).album == .same)
        #expect(!compare(wanted, track("Lantern Row", "Harbour Lights", "Ferry Tales")).isOnAlbum)
    }
}
