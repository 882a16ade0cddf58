import Contracts
import Foundation

/// A wanted recording as queries of the index, from the strictest to the loosest.
struct FolderQuery: Equatable {
    /// Upper-case, letters and digits only.
    let isrc: String?
    /// Every word of the title and an artist.
    let strict: String?
    /// Any of the words of title, artist or album.
    let loose: String?
    /// The title itself, when it contains no words, such as `÷` or `???`.
    let literal: String?

    /// More words make a search slower but not better.
    private static let maximumWords = 32

    init(_ wanted: Track) {
        isrc = Self.isrc(wanted.isrc)
        let title = SearchText.words(Self.core(wanted.title))
        literal = title.isEmpty ? wanted.title.trimmed : nil
        strict = title.isEmpty ? nil : Self.strict(title, artists: [Self.core(wanted.artist)] + (wanted.artists ?? []))
        let everything = [wanted.title, wanted.artist] + (wanted.artists ?? []) + [wanted.album ?? ""]
        let parts = Set(everything.flatMap { SearchText.words($0).flatMap(\.parts) }).sorted().prefix(Self.maximumWords)
        loose = parts.isEmpty ? nil : parts.joined(separator: " OR ")
    }

    /// Creates a query for files that contain all words of a text, in any field.
    init(words text: String) {
        let words = SearchText.words(text).prefix(Self.maximumWords)
        isrc = nil
        literal = words.isEmpty ? text.trimmed : nil
        strict = words.isEmpty ? nil : words.map(\.phrase).joined(separator: " AND ")
        loose = nil
    }

    /// Returns the form in which the index stores an ISRC; `nil` if the text is not a well-formed ISRC.
    static func isrc(_ text: String?) -> String? { text.flatMap(ISRC.init)?.text }

    private static func strict(_ title: [SearchText.Word], artists: [String]) -> String {
        let titleWords = title.prefix(maximumWords).map(\.phrase).joined(separator: " AND ")
        let credits = artists.map(artistWords).filter { !$0.isEmpty }.prefix(8)
        let inTitle = "{title path} : (\(titleWords))"
        guard !credits.isEmpty else { return inTitle }
        let anyArtist = credits.map { "(\($0.joined(separator: " AND ")))" }.joined(separator: " OR ")
        return "\(inTitle) AND {people path} : (\(anyArtist))"
    }

    /// The words of an artist without "the" and "and", which many files leave out.
    private static func artistWords(_ artist: String) -> [String] {
        let words = SearchText.words(artist).prefix(12)
        let named = words.filter { !["the", "and"].contains($0.text.lowercased()) }
        return (named.isEmpty ? Array(words) : named).map(\.phrase)
    }

    /// The part of a title or credit that editions share: the text before `(feat. …)`, `[Live]` or ` - Remastered`.
    private static func core(_ text: String) -> String {
        let ends = [" (", " [", " - ", " feat. ", " ft. "].compactMap {
            text.range(of: $0, options: .caseInsensitive)?.lowerBound
        }
        let core = ends.min().map { String(text[..<$0]) } ?? text
        return SearchText.words(core).isEmpty ? text : core
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
