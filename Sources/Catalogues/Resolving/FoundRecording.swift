import Contracts
import Matching

/// A listed recording that is assumed to be the wanted one.
struct FoundRecording: Sendable {
    let listed: CatalogueTrack
    let agreement: CatalogueAgreement
    /// The catalogue's name.
    let provider: String
    /// Whether an identifier, and not only names, connects both.
    let isIdentified: Bool

    var evidence: ResolvedTrack.Evidence {
        ResolvedTrack.Evidence(
            isIdentified: isIdentified, hasOtherScript: agreement.hasOtherScript, isOnAlbum: agreement.isOnAlbum)
    }

    /// Describes the contradiction between an identifier and the names, for a person.
    func contradiction(of track: Track) -> String {
        let names = "'\(listed.artists.first?.name ?? "") - \(listed.name)'".prefix(utf8: 300)
        return "the request is for '\(track.artist) - \(track.title)'".prefix(utf8: 300)
            + ", but its identifier belongs to \(names): submit it again with the correct one of both"
    }
}
