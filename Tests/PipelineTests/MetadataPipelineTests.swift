import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Jobs with an identifier and without names, from the submission to the library.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MetadataPipelineTests {
    private static let isrc = "QZHDM2100417"

    @Test func `a job with only an ISRC becomes a tagged file, and a job that needs Spotify waits with the reason`()
        async throws
    {
        try await withMusicBrainz { stack in
            var coded = Track(artist: "", title: "")
            coded.isrc = Self.isrc
            var foreign = Track(artist: "", title: "")
            foreign.spotifyID = "4uLU6hMCjMI75M1A2tKUQC"
            let response = try await stack.submit(
                Submission(items: [coded, foreign].map { SubmissionItem(track: $0) }))
            let library = Library(root: stack.music)
            try await eventually("the file is in the library", timeout: .seconds(60)) { library.paths.count == 1 }
            let path = try #require(library.paths.first)
            #expect(path.hasPrefix("Marlene Quist/2021 - Harbour Lights/") && path.contains("Tide Tables"))
            let tags = try library.file(path).tags
            #expect(tags.title == "Tide Tables" && tags.artist == "Marlene Quist" && tags.isrc == Self.isrc)
            #expect(tags.date?.hasPrefix("2021") == true)
            let named = try await eventually("the job has its names") {
                let job = try await stack.job(response.items[0].jobID)
                return job["state"] == "completed" ? job : nil
            }
            #expect(named["artist"] == "Marlene Quist" && named["title"] == "Tide Tables")

            let waiting = try await eventually("the other job waits") {
                let job = try await stack.job(response.items[1].jobID)
                return job["state"] == "waiting" ? job : nil
            }
            #expect(waiting["message"]?.stringValue?.contains("SPOTIFY_CLIENT_ID") == true)
            #expect(waiting["attempt"] == 1 && waiting["not_before"]?.stringValue != nil)
            #expect(response.items[1].dedupeKey == "spotify:4uLU6hMCjMI75M1A2tKUQC")
            try await eventually("the match service reports that it works without Spotify") { () -> Bool in
                let response = try await stack.request(.get, "/ready", at: .match)
                return String(decoding: response.body, as: UTF8.self).contains("FREE")
            }
        }
    }

    @Test func `a job with only a Spotify id becomes a tagged file, with a token from the planner`()
        async throws
    {
        var fixture = SpotifyFixture()
        let album = fixture.addAlbum("Harbour Lights", by: ["Marlene Quist"], date: "2021-04-16")
        let id = fixture.addTrack("Tide Tables", by: ["Marlene Quist"], on: album, ms: 0, isrc: Self.isrc)
        let accounts = FakeSpotifyAccounts()
        try await FakeSpotify.running(fixture) { fake in
            fake.serve(accounts, user: SpotifyFixture.listener)
            let settings = [
                "SPOTIFY_CLIENT_ID": accounts.app.clientID, "SPOTIFY_CLIENT_SECRET": accounts.app.clientSecret,
                "SPOTIFY_ACCOUNTS_URL": fake.accountsURL, "SPOTIFY_API_URL": fake.apiURL,
            ]
            try await withFile(settings) { stack in
                var wanted = Track(artist: "", title: "")
                wanted.spotifyID = id
                _ = try await stack.submit(Submission(items: [SubmissionItem(track: wanted)]))
                let library = Library(root: stack.music)
                try await eventually("the file is in the library", timeout: .seconds(60)) { library.paths.count == 1 }
                let tags = try library.file(try #require(library.paths.first)).tags
                #expect(tags.title == "Tide Tables" && tags.isrc == Self.isrc && tags.trackNumber == 1)
                let ready = String(decoding: try await stack.request(.get, "/ready", at: .match).body, as: UTF8.self)
                #expect(!ready.contains("FREE") && !ready.contains("PRO, but Spotify is unavailable"))
            }
        }
    }

    private func withMusicBrainz(_ test: @Sendable (ServiceStack) async throws -> Void) async throws {
        var fixture = MusicBrainzFixture()
        fixture.add(
            "Tide Tables", by: "Marlene Quist", on: "Harbour Lights", ms: nil, isrcs: [Self.isrc], date: "2021-04-16")
        try await FakeMusicBrainz.running(fixture) { fake in
            let settings = [
                "HDM_MUSICBRAINZ": "true", "MUSICBRAINZ_URL": fake.url, "HDM_CONTACT": "tests@example.org",
            ]
            try await withFile(settings, test)
        }
    }

    private func withFile(
        _ settings: [String: String], _ test: @Sendable (ServiceStack) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url, settings: settings) { stack in
                var tags = AudioTags()
                (tags.artist, tags.title, tags.album) = ("Marlene Quist", "Tide Tables", "Harbour Lights")
                try AudioFixture.allCases[0].copy(to: stack.source, named: "incoming/file 7", tags: tags)
                try await stack.start()
                try await stack.waitUntilReady()
                try await test(stack)
            }
        }
    }
}
