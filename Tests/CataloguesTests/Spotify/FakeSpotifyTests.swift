import Fakes
import HTTPClient
import Testing

@Suite("The fake of Spotify")
struct FakeSpotifyTests {
    @Test func `It has the limits of the Web API in development mode`() async throws {
        try await CatalogueFixture.running { fixture in
            let token = fixture.fake.issueToken(user: SpotifyFixture.listener)
            let list = try fixture.playlistID("Evening")
            let requests = [
                ("/search?q=x&type=track&limit=11", 400), ("/playlists/\(list)/tracks", 403), ("/tracks?ids=a,b", 403),
                ("/me", 200), ("/me/playlists", 200), ("/markets", 403),
            ]
            for (path, status) in requests {
                #expect(try await Self.status(of: fixture.fake.apiURL + path, token) == status, "\(path)")
            }
            #expect(try await Self.status(of: fixture.fake.apiURL + "/me", "an unknown token") == 401)
            let app = fixture.fake.issueToken()
            #expect(try await Self.status(of: fixture.fake.apiURL + "/me/tracks", app) == 401)
            let narrow = fixture.fake.issueToken(user: SpotifyFixture.listener, scopes: [])
            #expect(try await Self.status(of: fixture.fake.apiURL + "/me/tracks", narrow) == 403)
        }
    }

    private static func status(of url: String, _ token: String) async throws -> Int {
        let client = HTTPClient(userAgent: "HDM/1 ( tests )")
        let response = try await client.send(HTTPRequest(.get, url, headers: ["Authorization": "Bearer \(token)"]))
        await client.close()
        return response.status
    }
}
