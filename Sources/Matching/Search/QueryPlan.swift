public import Contracts
import Foundation

/// The searches for a track, from the narrowest to the widest, without repetitions.
///
/// Sources find a file if its path contains every word of a search. Each variant leaves out words that may be missing
/// in the path. The search for the album comes first when other tracks of it are wanted as well: its result is shared.
public struct QueryPlan: Sendable, Equatable {
    public let queries: [SearchQuery]

    /// - Parameters:
    ///   - asked: The words of a person, which replace all other searches.
    ///   - isOfAlbum: Whether other tracks of the album are searched for as well.
    public init(_ track: Track, asked: String? = nil, isOfAlbum: Bool = false) {
        if let asked, !QueryWords(asked).isEmpty {
            queries = [SearchQuery(.asked, QueryWords(asked).text)]
            return
        }
        let artist = QueryTitle(track.artist).core
        let title = QueryTitle(track.title).core
        let variants: [(QueryVariant, String)] = [
            (.album, isOfAlbum ? Self.sharedAlbum(track) : ""),
            (.full, "\(track.artist) \(track.title)"), (.plain, "\(artist) \(title)"),
            (.album, track.album.map { "\(artist) \(QueryTitle($0).core)" } ?? ""),
            (.transliterated, Self.latin("\(artist) \(title)")), (.title, title),
        ]
        queries = variants.reduce(into: []) { queries, variant in
            let words = QueryWords(variant.1)
            // An album's title track has the words of the album; a source may accept only one of the two variants.
            let isRepeated = queries.contains {
                $0.text == words.text && !(isOfAlbum && $0.variant == .album && variant.0 != .album)
            }
            guard words.isSelective, !isRepeated else { return }
            queries.append(SearchQuery(variant.0, words.text))
        }
    }

    /// Returns the words for the album that are the same for all its tracks. Folders of albums by several artists often
    /// name none of them.
    private static func sharedAlbum(_ track: Track) -> String {
        guard let album = track.album.map({ QueryTitle($0).core }) else { return "" }
        let artist = track.albumArtist ?? track.artist
        return isVarious(artist) ? album : "\(QueryTitle(artist).core) \(album)"
    }

    /// Whether the name stands for several artists.
    private static func isVarious(_ artist: String) -> Bool {
        QueryWords(artist).text.split(separator: " ").allSatisfy { various.contains(String($0)) }
    }

    private static let various = Set(LexiconWords.various.split(whereSeparator: \.isWhitespace).map(String.init))

    /// The transliterations as people type names, and not the scholarly ones.
    private static let transforms = ["Russian-Latin/BGN", "Greek-Latin/UNGEGN", "Any-Latin", "Latin-ASCII"]

    /// Returns the text in Latin letters. Japanese with Han characters has no automatic reading and gives an empty
    /// text. The large tables are not loaded for text that does not need them.
    private static func latin(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        guard text.unicodeScalars.contains(where: { $0.value >= 0x0250 && $0.properties.isAlphabetic }) else {
            return text.applyingTransform(StringTransform("Latin-ASCII"), reverse: false) ?? text
        }
        let isJapanese = text.unicodeScalars.contains { (0x3040...0x30FF).contains($0.value) }
        guard !isJapanese || !text.unicodeScalars.contains(where: { (0x3400...0x9FFF).contains($0.value) }) else {
            return ""
        }
        return transforms.reduce(text) { $0.applyingTransform(StringTransform($1), reverse: false) ?? $0 }
    }
}
