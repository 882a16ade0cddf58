import Catalogues
import Contracts
import Fakes
import Foundation
import Testing

@Suite("MusicBrainz")
struct MusicBrainzTests {
    private static func running<Result: Sendable>(
        _ fixture: MusicBrainzFixture = .sample, gap: Duration = .zero,
        agent: String = "HDM/1.0 ( https://hdm.example )", releaseLimit: Int = 1000,
        _ body: (FakeMusicBrainz, MusicBrainzCatalogue, CountedRequests) async throws -> Result
    ) async throws -> Result {
        try await FakeMusicBrainz.running(fixture, gap: gap) { fake in
            var settings = MusicBrainzSettings()
            settings.url = fake.url
            settings.limits.retryBase = .milliseconds(5)
            settings.releaseLimit = ReleaseLimit(releaseLimit)
            let budget = CountedRequests()
            let catalogue = MusicBrainzCatalogue(settings, budget: budget, userAgent: agent)
            let result = try await body(fake, catalogue, budget)
            await catalogue.close()
            return result
        }
    }

    @Test func `An ISRC finds its recording with the release to which it belongs`() async throws {
        try await Self.running { fake, catalogue, _ in
            let found = try await catalogue.tracks(isrc: "ruhdm0300002")
            #expect(found.map(\.name) == ["Река и мост"] && found.first?.isrc == "RUHDM0300002")
            #expect(found.first?.album?.name == "Мосты" && found.first?.durationMS == nil)
            #expect(try await catalogue.tracks(isrc: "QZHDM9999999").isEmpty)
            #expect(fake.requests.first?.userAgent == "HDM/1.0 ( https://hdm.example )")
        }
    }

    @Test func `A search returns recordings with their ISRCs`() async throws {
        try await Self.running { _, catalogue, _ in
            let found = try await catalogue.search(CatalogueQuery(artist: "Lantern Row", title: "Undertow"))
            let first = try #require(found.first)
            #expect(first.name == "Undertow" && first.isrc == "QZHDM1900005" && first.durationMS == 243_000)
            #expect(try await catalogue.track(try #require(first.id)) == first)
        }
    }

    @Test func `A release is an album`() async throws {
        try await Self.running { _, catalogue, _ in
            let found = try await catalogue.tracks(isrc: "QZHDM1900001")
            let id = try #require(found.first?.album?.id)
            let album = try await catalogue.album(id)
            #expect(album.name == "Night Ferry" && album.trackTotal == 2 && album.releaseDate == "2019-05-17")
            let page = try await catalogue.tracks(ofAlbum: id, from: 1)
            #expect(page.entries.map(\.name) == ["Undertow"] && page.entries.first?.trackNumber == 2)
            let artist = try #require(album.artists.first?.id)
            #expect(try await catalogue.artist(artist).name == "Lantern Row")
        }
    }

    @Test func `An artist's releases are release groups, each once for all of its editions`() async throws {
        var fixture = MusicBrainzFixture.sample
        for year in 2020..<2170 { fixture.addEdition(of: "Night Ferry", by: "Lantern Row", date: "\(year)") }
        fixture.add("Slack Tide", by: "Lantern Row", on: "Estuary", ms: 200_000, isrcs: [], date: "2023")
        try await Self.running(fixture, releaseLimit: 10) { fake, catalogue, _ in
            let artist = try #require(try await catalogue.tracks(isrc: "QZHDM1900001").first?.artists.first?.id)
            let page = try await catalogue.releases(ofArtist: artist, from: 0)
            #expect(page.entries.map(\.name) == ["Night Ferry", "Estuary"])
            #expect(page.next == nil && page.total == 2)
            #expect(page.entries.map(\.releaseDate) == ["2019-05-17", "2023"] && page.entries[0].kind == .album)
            // The group is read through its first release.
            let group = try #require(page.entries.first?.id)
            let tracks = try await catalogue.tracks(ofAlbum: group, from: 0).entries
            #expect(tracks.map(\.name) == ["Harbour Lights", "Undertow"])
            #expect(fake.requests.allSatisfy { $0.status == 200 })
        }
    }

    @Test func `An artist with too many releases is refused after one request, with the setting`() async throws {
        var fixture = MusicBrainzFixture.sample
        for number in 0..<30 {
            fixture.add("Song \(number)", by: "Various Artists", on: "Hits \(number)", ms: nil, isrcs: ["QZHDM7700001"])
        }
        try await Self.running(fixture, releaseLimit: 29) { fake, catalogue, _ in
            let artist = try #require(try await catalogue.tracks(isrc: "QZHDM7700001").first?.artists.first?.id)
            let error = await #expect(throws: CatalogueError.self) {
                try await catalogue.releases(ofArtist: artist, from: 0)
            }
            guard case .tooLarge(let reason)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("30 releases") && reason.contains("HDM_ARTIST_RELEASES_MAX"))
            #expect(fake.requests.count == 2)
        }
    }

    @Test func `It has no playlists and no saved tracks`() async throws {
        try await Self.running { fake, catalogue, _ in
            await #expect(throws: CatalogueError.unsupported("playlists")) { try await catalogue.playlist("x") }
            await #expect(throws: CatalogueError.unsupported("saved tracks")) {
                try await catalogue.savedTracks(from: 0)
            }
            #expect(fake.requests.isEmpty)
        }
    }

    @Test func `More than one request a second pauses all processes`() async throws {
        try await Self.running(gap: .seconds(60)) { fake, catalogue, budget in
            _ = try await catalogue.tracks(isrc: "QZHDM1900001")
            let error = await #expect(throws: CatalogueError.self) { try await catalogue.tracks(isrc: "QZHDM1900005") }
            guard case .paused = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(budget.blocks.count == 1 && fake.requests.count == 2)
        }
    }

    @Test func `A program without contact details is refused, with the setting`() async throws {
        try await Self.running(agent: "libcurl") { _, catalogue, _ in
            let error = await #expect(throws: CatalogueError.self) { try await catalogue.tracks(isrc: "QZHDM1900001") }
            #expect(error == .unavailable("MusicBrainz refuses this program (status 403); set HDM_CONTACT"))
        }
    }
}
