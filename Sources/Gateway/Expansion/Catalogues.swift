import CatalogueAccess
import Metadata

/// The catalogues that links are read from.
struct Catalogues: Sendable {
    /// `nil` where Spotify is not configured: links into it wait.
    var spotify: (any MusicCatalogue)?
    /// `nil` where MusicBrainz is switched off.
    var musicBrainz: (any MusicCatalogue)?

    /// The catalogue that a link leads into.
    /// - Throws: ``CatalogueError`` `.signInNeeded` with what to do when there is none.
    func catalogue(of link: CatalogueLink) throws(CatalogueError) -> any MusicCatalogue {
        try catalogue(link.catalogue)
    }

    /// - Throws: ``CatalogueError`` `.signInNeeded` with what to do when there is none.
    func catalogue(_ kind: CatalogueLink.Catalogue) throws(CatalogueError) -> any MusicCatalogue {
        switch kind {
        case .spotify:
            if let spotify { return spotify }
            throw .signInNeeded("configure Spotify: see docs/auth/spotify.md")
        case .musicbrainz:
            if let musicBrainz { return musicBrainz }
            throw .signInNeeded("set HDM_MUSICBRAINZ=true and HDM_CONTACT to read links to MusicBrainz")
        }
    }
}

extension Catalogues {
    init(_ configured: ConfiguredCatalogues) {
        self.init(spotify: configured.spotify, musicBrainz: configured.musicBrainz)
    }
}
