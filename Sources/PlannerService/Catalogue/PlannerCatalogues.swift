import Catalogues
import Contracts

/// The catalogues that links are read from.
struct PlannerCatalogues: Sendable {
    /// `nil` when Spotify is not configured; links into it wait.
    var spotify: (any MusicCatalogue)?
    /// `nil` when MusicBrainz is disabled.
    var musicBrainz: (any MusicCatalogue)?

    init(spotify: (any MusicCatalogue)?, musicBrainz: (any MusicCatalogue)?) {
        self.spotify = spotify
        self.musicBrainz = musicBrainz
    }

    init(_ configured: ConfiguredCatalogues) {
        self.init(spotify: configured.spotify, musicBrainz: configured.musicBrainz)
    }

    /// Returns the catalogue of a link.
    /// - Throws: ``CatalogueError`` `.signInNeeded` when it is not configured.
    func catalogue(of link: CatalogueLink) throws(CatalogueError) -> any MusicCatalogue {
        try catalogue(link.catalogue)
    }

    /// - Throws: ``CatalogueError`` `.signInNeeded` when it is not configured.
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
