extension SpotifyFixture {
    /// The user of the playlists and saved tracks in ``sample``.
    public static let listener = "listener"

    /// Invented music with the difficulties of real music.
    public static let sample: SpotifyFixture = {
        var fixture = SpotifyFixture()
        fixture.addLanternRow()
        fixture.addOtherScripts()
        fixture.addIrregularities()
        fixture.addLists()
        return fixture
    }()

    /// Adds one recording on three releases, other versions of it, and another recording with the same title.
    private mutating func addLanternRow() {
        let band = ["Lantern Row"]
        let single = addAlbum("Harbour Lights", by: band, type: "single", date: "2019-03", upc: "0190000000017")
        let album = addAlbum("Night Ferry", by: band, date: "2019-05-17", upc: "0190000000024")
        let double = addAlbum("Night Ferry", by: band, date: "2019-05-17", upc: "0190000000024")
        let mixed = addAlbum("Ferry Tales", by: ["Various Artists"], type: "compilation", date: "2021")
        addTrack("Harbour Lights", by: band, on: single, ms: 214_000, isrc: "QZHDM1900001")
        addTrack("Cast Off", by: band, on: album, ms: 187_500, isrc: "QZHDM1900004")
        addTrack("Harbour Lights", by: band, on: album, ms: 214_200, isrc: "QZHDM1900001")
        addTrack("Undertow", by: band, on: album, ms: 243_000)
        addTrack(
            "Tidal (feat. Mira Holt)", by: ["Lantern Row", "Mira Holt"], on: album, ms: 201_000, isrc: "QZHDM1900006")
        addTrack("Cast Off", by: band, on: double, ms: 187_500, isrc: "QZHDM1900004")
        addTrack("Harbour Lights", by: band, on: mixed, ms: 214_000, isrc: "QZHDM1900001")
        let live = addAlbum("Live at the Old Dock", by: band, date: "2022-11-04")
        addTrack("Harbour Lights - Live at the Old Dock", by: band, on: live, ms: 268_000, isrc: "QZHDM2200001")
        addTrack("Undertow - Live at the Old Dock", by: band, on: live, ms: 291_000, isrc: "QZHDM2200002", disc: 2)
        let remix = addAlbum("Harbour Lights (Remixes)", by: band, type: "single", date: "2020")
        addTrack(
            "Harbour Lights - Otter Remix", by: ["Lantern Row", "Otter"], on: remix, ms: 341_000, isrc: "QZHDM2000009")
        let quay = addAlbum("Songs of the Quay", by: ["The Quay Singers"], date: "1987")
        addTrack("Harbour Lights", by: ["The Quay Singers"], on: quay, ms: 156_000, isrc: "QZHDM8700003")
    }

    /// Adds names in other scripts that are also written in Latin letters.
    private mutating func addOtherScripts() {
        let pier = addAlbum("Мосты", by: ["Северный Причал"], date: "2003-09")
        addTrack(
            "Река и мост", by: ["Северный Причал"], on: pier, ms: 232_000, isrc: "RUHDM0300002",
            aliases: ["Reka i most Severny Prichal"])
        let port = addAlbum("夜の港", by: ["灯台団"], date: "2014-02-26")
        addTrack(
            "夜の港", by: ["灯台団"], on: port, ms: 251_000, isrc: "JPHDM1400007", aliases: ["Yoru no Minato Todaidan"])
    }

    /// Adds malformed codes, a removed album and a track that is not playable.
    private mutating func addIrregularities() {
        let moons = addAlbum("Paper Moons", by: ["Ada Fennimore"], date: "2011")
        addTrack("Paper Moons", by: ["Ada Fennimore"], on: moons, ms: 199_000, isrc: "gb-hdm-11-00021")
        addTrack("Ledger", by: ["Ada Fennimore"], on: moons, ms: 174_000, isrc: "not a code")
        let gone = addAlbum("", by: ["Ada Fennimore"], date: "1999")
        let closed = addTrack("Withdrawn", by: ["Ada Fennimore"], on: gone, ms: 180_000, isrc: "GBHDM9900031")
        if let index = tracks.firstIndex(where: { $0.id == closed }) { tracks[index].isPlayable = false }
    }

    private mutating func addLists() {
        let tracks = tracks.map { SpotifyListEntry.track($0.id) }
        let own = SpotifyListEntry.local(artist: "Cousin Pat", title: "Kitchen Tape", album: "", seconds: 95)
        let mixed: [SpotifyListEntry] = [
            tracks[0], .gone, tracks[1], .episode("Tides explained"), own, tracks[0], .withoutID(self.tracks[3].id),
        ]
        addPlaylist("Evening", owner: Self.listener, mixed)
        addPlaylist("Of somebody else", owner: "stranger", Array(tracks.prefix(3)))
        saved[Self.listener] = Array(tracks.prefix(5).reversed())
    }
}
