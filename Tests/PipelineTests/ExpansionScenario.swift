import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// A gateway and a planner as processes, with a playlist of 600 entries at a fake Spotify.
struct ExpansionScenario: Sendable {
    private static let listener = "listener"
    private static let redirect = "http://127.0.0.1:8080/callback"
    /// The titles of the jobs that the playlist becomes, in its order.
    static let titles = (0..<600).compactMap { title(of: $0) }

    let stack: ServiceStack
    let vhost: TestVhost
    let playlist: String

    /// Runs a test with both services signed in at Spotify, in a virtual host of its own or in a given one.
    static func run(
        on vhost: TestVhost? = nil, _ test: @Sendable (ExpansionScenario) async throws -> Void
    ) async throws {
        guard let vhost else { return try await withVhost { try await run(on: $0, test) } }
        let (fixture, playlist) = fixture()
        try await FakeSpotify.running(fixture) { spotify in
            let accounts = FakeSpotifyAccounts(app: .init(redirectURIs: [redirect]))
            spotify.serve(accounts, user: listener)
            let settings = settings(spotify, accounts)
            try await ServiceStack.run(brokerURL: vhost.url, settings: settings) { stack in
                try await stack.start([.gateway, .planner])
                try await stack.waitUntilReady([.gateway, .planner])
                try await signIn(stack, accounts)
                try await test(ExpansionScenario(stack: stack, vhost: vhost, playlist: playlist))
            }
        }
    }

    private static func title(of position: Int) -> String? {
        switch position % 30 {
        case 3, 13, 11, 17, 23, 29: nil
        case 5: "Tape \(position)"
        default: "Song \(position)"
        }
    }

    /// Returns 600 entries, of which 480 become jobs: local files and tracks. The others are gone, episodes, without
    /// names, repeated or unavailable.
    private static func fixture() -> (SpotifyFixture, String) {
        var fixture = SpotifyFixture()
        let album = fixture.addAlbum("Songs", by: ["Lantern Row"])
        let entries = (0..<600).map { position -> SpotifyListEntry in
            switch position % 30 {
            case 3, 13: return .gone
            case 11: return .episode("Talk \(position)")
            case 17: return .local(artist: "", title: "", album: "", seconds: 0)
            case 5: return .local(artist: "Me", title: "Tape \(position)", album: "", seconds: 60)
            case 23: return .track(fixture.trackID("Song 0") ?? "")
            default:
                let id = fixture.addTrack("Song \(position)", by: ["Lantern Row"], on: album, ms: 200_000)
                if position % 30 == 29, let last = fixture.tracks.indices.last {
                    fixture.tracks[last].isPlayable = false
                }
                return .track(id)
            }
        }
        let playlist = fixture.addPlaylist("Everything", owner: listener, entries)
        return (fixture, playlist)
    }

    private static func settings(_ spotify: FakeSpotify, _ accounts: FakeSpotifyAccounts) -> [String: String] {
        [
            "SPOTIFY_CLIENT_ID": accounts.app.clientID, "SPOTIFY_CLIENT_SECRET": accounts.app.clientSecret,
            "SPOTIFY_API_URL": spotify.apiURL, "SPOTIFY_ACCOUNTS_URL": spotify.accountsURL,
            "SPOTIFY_REDIRECT_URI": redirect, "SPOTIFY_MARKET": "SE", "PROVIDER_SPOTIFY_BUDGET": "0",
            "PROVIDER_SPOTIFY_GAP_MS": "200",
        ]
    }

    private static func signIn(_ stack: ServiceStack, _ accounts: FakeSpotifyAccounts) async throws {
        let begun = try await stack.request(.post, "/api/v1/spotify/pro/oauth/start", body: Data("{}".utf8))
        let page = try ContractCoding.decode(JSONValue.self, from: begun.body)["authorization_url"]?.stringValue
        let back = try accounts.visit(try #require(page))
        let body = try ContractCoding.encode(["redirect_url": back])
        #expect(try await stack.request(.post, "/api/v1/oauth/manual", body: body).status == 200)
    }
}

// MARK: - What tests do and expect

extension ExpansionScenario {
    /// Submits the playlist as a batch of its own.
    func submit() async throws -> SubmissionResponse {
        try await stack.submit(Submission(items: [SubmissionItem(link: "spotify:playlist:\(playlist)")]))
    }

    /// Returns the expansion from the planner; `nil` if the planner does not have it or does not respond.
    func expansion(_ response: SubmissionResponse) async throws -> JSONValue? {
        let link = try #require(response.expansions.first)
        let path = "/api/v1/expansions/\(link.expansionID)"
        guard try await stack.status(of: path, at: .planner) == 200 else { return nil }
        return try ContractCoding.decode(
            JSONValue.self, from: try await stack.request(.get, path, at: .planner).body)
    }

    func waitUntilRead(_ count: Int64, of response: SubmissionResponse) async throws {
        try await eventually("\(count) entries are read", timeout: .seconds(120)) {
            try await expansion(response)?["read"]?.integerValue ?? 0 >= count
        }
    }

    func waitUntilCompleted(_ response: SubmissionResponse) async throws {
        try await eventually("the playlist is read", timeout: .seconds(180)) {
            try await expansion(response)?["state"] == "completed"
        }
    }

    /// Kills the planner and starts it again.
    func restartPlanner() async throws {
        await stack.kill(.planner)
        try await stack.start([.planner])
        try await stack.waitUntilReady([.planner])
    }

    /// Expects that each usable entry became one job, in order, and that the counts agree.
    /// - Parameter isFirst: whether no other batch had the tracks before.
    func expectJobs(of response: SubmissionResponse, isFirst: Bool = true) async throws {
        let shown = try #require(try await expansion(response))
        #expect(shown["read"] == 600)
        #expect(shown["enqueued"] == .integer(isFirst ? 480 : 0))
        #expect(shown["already_enqueued"] == .integer(isFirst ? 0 : 480))
        #expect(
            shown["skipped"] == [
                "gone": 40, "episode": 20, "unnamed": 20, "unavailable": 20, "duplicate": 20,
            ])
        guard isFirst else { return }
        #expect(try await titles(of: response.batchID) == Self.titles)
        try await eventually("the batch is complete") {
            let batch = try await json("/api/v1/batches/\(response.batchID)")
            return batch["items_total"] == 480 && batch["expansions"]?.firstElement?["state"] == "completed"
        }
    }

    /// The titles of all jobs of a batch, in the order in which they were admitted.
    private func titles(of batch: String) async throws -> [String] {
        var titles: [String] = []
        while true {
            let page = try await json("/api/v1/downloads?batch_id=\(batch)&limit=100&offset=\(titles.count)")
            guard case .array(let items)? = page["items"], !items.isEmpty else { return titles.reversed() }
            titles += items.map { $0["title"]?.stringValue ?? "" }
        }
    }

    private func json(_ path: String) async throws -> JSONValue {
        try ContractCoding.decode(JSONValue.self, from: try await stack.request(.get, path).body)
    }
}

extension JSONValue {
    fileprivate var firstElement: JSONValue? { if case .array(let elements) = self { elements.first } else { nil } }
}
