import Contracts
import Foundation
import Metadata
import TestSupport
import Testing

@testable import Gateway

@Suite struct ExpansionIntakeTests {
    private static let list = ShelfID.of(1, "p")

    @Test func `Links and tracks stand in one submission, and are answered in its order`() async throws {
        try await withGatewayRoutes { _, client in
            let answer = try await client.post(
                "/api/v1/downloads",
                #"{"items":[{"link":"https://open.spotify.com/playlist/\#(Self.list)?si=1"},{"artist":"A","title":"T"}]}"#
            )
            #expect(answer.status == 202)
            #expect(answer.json["items_total"] == 2)
            guard case .array(let items)? = answer.json["items"], items.count == 2 else { throw NotThere() }
            #expect(items[0]["status"] == "expanding")
            #expect(items[0]["job_id"] == nil)
            #expect(items[0]["link"] == .string("spotify:playlist:\(Self.list)"))
            #expect(items[1]["index"] == 1)
            #expect(items[1]["status"] == "enqueued")
            let id = try #require(items[0]["expansion_id"]?.stringValue)
            let shown = try await client.get("/api/v1/expansions/\(id)")
            #expect(shown.json["state"] == "queued")
            #expect(shown.json["kind"] == "playlist")
            let batch = try #require(answer.json["batch_id"]?.stringValue)
            let summary = try await client.get("/api/v1/batches/\(batch)")
            #expect(summary.json["expansions"]?.first?["id"] == .string(id))
            #expect(summary.json["state"] == "running")
            #expect(summary.json["items_total"] == 1)
            let cancelled = try await client.post("/api/v1/expansions/\(id)/cancel", "")
            #expect(cancelled.json["state"] == "cancelled")
            #expect(try await client.get("/api/v1/expansions/unknown").status == 404)
        }
    }

    @Test func `The same answer is given again to the same key, links included`() async throws {
        try await withGatewayRoutes { _, client in
            let body = #"{"items":[{"link":"spotify:saved"}]}"#
            let first = try await client.post("/api/v1/downloads", body, ["Idempotency-Key": "k"])
            let second = try await client.post("/api/v1/downloads", body, ["Idempotency-Key": "k"])
            #expect(first.json == second.json)
            #expect(second.headers["Idempotency-Replayed"] == "true")
        }
    }

    @Test func `A link that cannot be read is refused with its place`() async throws {
        try await withGatewayRoutes { _, client in
            let answer = try await client.post("/api/v1/downloads", #"{"items":[{"link":"https://example.com/x"}]}"#)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?["meta"]?["field"] == "/items/0/link")
        }
    }

    @Test(arguments: [
        ("https://open.spotify.com/playlist/\(list)?si=abc", "spotify:playlist:\(list)"),
        ("https://open.spotify.com/intl-pt/album/\(list)#x", "spotify:album:\(list)"),
        ("http://open.spotify.com/embed/track/\(list)/", "spotify:track:\(list)"),
        ("https://open.spotify.com/user/joe/playlist/\(list)", "spotify:playlist:\(list)"),
        (" spotify:artist:\(list)\n", "spotify:artist:\(list)"),
        ("spotify:user:joe:playlist:\(list)", "spotify:playlist:\(list)"),
        ("spotify:saved", "spotify:saved"), ("https://open.spotify.com/collection/tracks", "spotify:saved"),
        (
            "https://musicbrainz.org/release/F205627F-B70A-409D-ADBE-66289B614E80/disc/1",
            "musicbrainz:release:f205627f-b70a-409d-adbe-66289b614e80"
        ),
        (
            "https://musicbrainz.org/release-group/f205627f-b70a-409d-adbe-66289b614e80",
            "musicbrainz:release-group:f205627f-b70a-409d-adbe-66289b614e80"
        ),
        (
            "https://beta.musicbrainz.org/recording/f205627f-b70a-409d-adbe-66289b614e80",
            "musicbrainz:recording:f205627f-b70a-409d-adbe-66289b614e80"
        ),
        (
            "musicbrainz:artist:f205627f-b70a-409d-adbe-66289b614e80",
            "musicbrainz:artist:f205627f-b70a-409d-adbe-66289b614e80"
        ),
    ])
    func `Links in all their forms are read, and written in one`(_ text: String, _ canonical: String) throws {
        let link = try CatalogueLink(text)
        #expect(link.description == canonical)
        #expect(try CatalogueLink(canonical) == link)
    }

    @Test(arguments: [
        ("  ", "EMPTY"), ("ftp://open.spotify.com/playlist/x", "INVALID_SCHEME"), ("playlist", "INVALID_SCHEME"),
        ("https://example.com/playlist/\(list)", "UNSUPPORTED_HOST"), ("https://", "UNSUPPORTED_HOST"),
        ("https://open.spotify.com.evil.org/playlist/\(list)", "UNSUPPORTED_HOST"),
        ("https://open.spotify.com/episode/\(list)", "UNSUPPORTED_KIND"),
        ("https://open.spotify.com", "UNSUPPORTED_KIND"), ("spotify:", "UNSUPPORTED_KIND"),
        ("spotify:playlist:short", "INVALID_PLAYLIST_ID"), ("spotify:playlist", "INVALID_PLAYLIST_ID"),
        ("spotify:album:\(list)x", "INVALID_ID"), ("https://musicbrainz.org/release/5", "INVALID_ID"),
        ("https://musicbrainz.org/label/f205627f-b70a-409d-adbe-66289b614e80", "UNSUPPORTED_KIND"),
    ])
    func `What is no link is told by a code`(_ text: String, _ code: String) {
        let error = #expect(throws: CatalogueLinkError.self) { try CatalogueLink(text) }
        #expect(error?.code.rawValue == code)
    }
}
