import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

/// Links, with real processes that are killed, and stand-ins for Spotify's catalogue and accounts.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ExpansionKillTests {
    private static let listener = "listener"
    private static let redirect = "http://127.0.0.1:8080/callback"

    /// 600 entries, of which 480 are different tracks that can be had, files of the user's own included.
    private static func fixture() -> (SpotifyFixture, String) {
        var fixture = SpotifyFixture()
        let album = fixture.addAlbum("Songs", by: ["Lantern Row"])
        let entries = (0..<600).map { place -> SpotifyListEntry in
            switch place % 30 {
            case 3, 13: return .gone
            case 11: return .episode("Talk \(place)")
            case 17: return .local(artist: "", title: "", album: "", seconds: 0)
            case 5: return .local(artist: "Me", title: "Tape \(place)", album: "", seconds: 60)
            case 23: return .track(fixture.trackID("Song 0") ?? "")
            default:
                let id = fixture.addTrack("Song \(place)", by: ["Lantern Row"], on: album, ms: 200_000)
                if place % 30 == 29, let last = fixture.tracks.indices.last { fixture.tracks[last].isPlayable = false }
                return .track(id)
            }
        }
        let playlist = fixture.addPlaylist("Everything", owner: listener, entries)
        return (fixture, playlist)
    }

    @Test func `a playlist of 600 entries becomes each job once, though the gateway is killed in the middle`()
        async throws
    {
        let (fixture, playlist) = Self.fixture()
        try await FakeSpotify.running(fixture) { spotify in
            let accounts = FakeSpotifyAccounts(app: .init(redirectURIs: [Self.redirect]))
            spotify.serve(accounts, user: Self.listener)
            try await TestBroker.shared().withVhost { vhost in
                let settings = Self.settings(spotify, accounts)
                try await ServiceStack.run(brokerURL: vhost.url, settings: settings) { stack in
                    try await stack.start([.gateway])
                    try await stack.waitUntilReady([.gateway])
                    try await Self.signIn(stack, accounts)
                    let answer = try await stack.submit(
                        Submission(items: [SubmissionItem(link: "spotify:playlist:\(playlist)")]))
                    let link = try #require(answer.expansions.first)
                    for read in [100, 350] {
                        try await eventually("\(read) entries are read") {
                            try await Self.expansion(link, stack)["read"]?.integerValue ?? 0 >= read
                        }
                        await stack.kill(.gateway)
                        try await stack.start([.gateway])
                        try await stack.waitUntilReady([.gateway])
                    }
                    try await eventually("the playlist is read", timeout: .seconds(120)) {
                        try await Self.expansion(link, stack)["state"] == "completed"
                    }
                    try await Self.expectJobs(of: answer, link, in: stack)
                }
            }
        }
    }

    private static func settings(_ spotify: FakeSpotify, _ accounts: FakeSpotifyAccounts) -> [String: String] {
        [
            "SPOTIFY_CLIENT_ID": accounts.app.clientID, "SPOTIFY_CLIENT_SECRET": accounts.app.clientSecret,
            "SPOTIFY_API_URL": spotify.apiURL, "SPOTIFY_ACCOUNTS_URL": spotify.accountsURL,
            "SPOTIFY_REDIRECT_URI": redirect, "SPOTIFY_MARKET": "SE", "PROVIDER_SPOTIFY_BUDGET": "0",
            "PROVIDER_SPOTIFY_GAP_MS": "300",
        ]
    }

    private static func signIn(_ stack: ServiceStack, _ accounts: FakeSpotifyAccounts) async throws {
        let begun = try await stack.request(.post, "/api/v1/spotify/pro/oauth/start", body: Data("{}".utf8))
        let page = try ContractCoding.decode(JSONValue.self, from: begun.body)["authorization_url"]?.stringValue
        let back = try accounts.visit(try #require(page))
        let body = try ContractCoding.encode(["redirect_url": back])
        #expect(try await stack.request(.post, "/api/v1/oauth/manual", body: body).status == 200)
    }

    private static func expansion(
        _ link: SubmissionResponse.Expanding, _ stack: ServiceStack
    ) async throws
        -> JSONValue
    {
        let answer = try await stack.request(.get, "/api/v1/expansions/\(link.expansionID)")
        return try ContractCoding.decode(JSONValue.self, from: answer.body)
    }

    private static func expectJobs(
        of answer: SubmissionResponse, _ link: SubmissionResponse.Expanding, in stack: ServiceStack
    ) async throws {
        let shown = try await expansion(link, stack)
        #expect(shown["read"] == 600)
        #expect(shown["enqueued"] == 480)
        #expect(shown["already_enqueued"] == 0)
        #expect(
            shown["skipped"] == [
                "gone": 40, "episode": 20, "unnamed": 20, "unavailable": 20, "duplicate": 20,
            ])
        let list = try await stack.request(.get, "/api/v1/downloads?batch_id=\(answer.batchID)&limit=1")
        #expect(try ContractCoding.decode(JSONValue.self, from: list.body)["total"] == 480)
        let batch = try await stack.request(.get, "/api/v1/batches/\(answer.batchID)")
        #expect(try ContractCoding.decode(JSONValue.self, from: batch.body)["items_total"] == 480)
    }
}
