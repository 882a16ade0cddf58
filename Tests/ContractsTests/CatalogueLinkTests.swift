import Contracts
import Testing

@Suite struct CatalogueLinkTests {
    private static let list = "ppppppppppppppppppppp1"

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
    func `Links in all forms are read, and written in the canonical form`(_ text: String, _ canonical: String) throws {
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
    func `A text that is not a link has an error code`(_ text: String, _ code: String) {
        let error = #expect(throws: CatalogueLinkError.self) { try CatalogueLink(text) }
        #expect(error?.code.rawValue == code)
    }
}
