import Contracts
import Foundation
import Metadata
import Fakes
import Testing

@Suite("MusicBrainz")
struct MusicBrainzTests {
    private static func running<Result: Sendable>(
        gap: Duration = .zero, agent: String = "HDM/1.0 ( https://hdm.example )",
        _ body: (FakeMusicBrainz, MusicBrainzCatalogue, CountedRequests) async throws -> Result
    ) async throws -> Result {
        try await FakeMusicBrainz.running(gap: gap) { fake in
            var settings = MusicBrainzSettings()
            settings.url = fake.url
            settings.limits.retryBase = .milliseconds(5)
            let budget = CountedRequests()
            let catalogue = MusicBrainzCatalogue(settings, budget: budget, userAgent: agent)
            let result = try await body(fake, catalogue, budget)
            await catalogue.close()
            return result
        }
    }

    @Test func `A code finds its recording, with the release it belongs to`() async throws {
        try await Self.running { fake, catalogue, _ in
            let found = try await catalogue.tracks(isrc: "ruhdm0300002")
            #expect(found.map(\.name) == ["Река и мост"] && found.first?.isrc == "RUHDM0300002")
            #expect(found.first?.album?.name == "Мосты" && found.first?.durationMS == nil)
            #expect(try await catalogue.tracks(isrc: "QZHDM9999999").isEmpty)
            #expect(fake.requests.first?.userAgent == "HDM/1.0 ( https://hdm.example )")
        }
    }

    @Test func `Words find recordings with their codes`() async throws {
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
            #expect(try await catalogue.releases(ofArtist: artist, from: 0).entries.map(\.name) == ["Night Ferry"])
        }
    }

    @Test func `It has no playlists`() async throws {
        try await Self.running { fake, catalogue, _ in
            await #expect(throws: CatalogueError.unsupported("playlists")) { try await catalogue.playlist("x") }
            await #expect(throws: CatalogueError.unsupported("saved tracks")) {
                try await catalogue.savedTracks(from: 0)
            }
            #expect(fake.requests.isEmpty)
        }
    }

    @Test func `More than one request a second is told to all processes`() async throws {
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

    @Test func `A program that does not name itself is told so`() async throws {
        try await Self.running(agent: "libcurl") { _, catalogue, _ in
            let error = await #expect(throws: CatalogueError.self) { try await catalogue.tracks(isrc: "QZHDM1900001") }
            #expect(error == .unavailable("MusicBrainz does not answer this program (status 403)"))
        }
    }
}
