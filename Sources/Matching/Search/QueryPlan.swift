public import Contracts
import Foundation

/// The questions for a track, from the narrowest to the widest, none of them twice.
///
/// Sources find a file when its path has every word of a question: each rung leaves out words that the file's owner may
/// not have written.
public struct QueryPlan: Sendable, Equatable {
    public let queries: [SearchQuery]

    /// - Parameter asked: words that a person gave; they take the place of all other questions.
    public init(_ track: Track, asked: String? = nil) {
        if let asked, !QueryWords(asked).isEmpty {
            queries = [SearchQuery(.asked, QueryWords(asked).text)]
            return
        }
        let artist = QueryTitle(track.artist).core
        let title = QueryTitle(track.title).core
        let variants: [(QueryVariant, String)] = [
            (.full, "\(track.artist) \(track.title)"), (.plain, "\(artist) \(title)"),
            (.album, track.album.map { "\(artist) \(QueryTitle($0).core)" } ?? ""),
            (.transliterated, Self.latin("\(artist) \(title)")), (.title, title),
        ]
        queries = variants.reduce(into: []) { queries, variant in
            let words = QueryWords(variant.1)
            guard words.isTelling, !queries.contains(where: { $0.text == words.text }) else { return }
            queries.append(SearchQuery(variant.0, words.text))
        }
    }

    /// As people write names on keyboards without accents, and not as librarians do.
    private static let transforms = ["Russian-Latin/BGN", "Greek-Latin/UNGEGN", "Any-Latin", "Latin-ASCII"]

    /// Signs beside kana are read in ways that no table knows. Tables are large: they are not loaded for text that
    /// needs none.
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

/// The words of a question as file-sharing networks take them: letters and digits; words of one character are ignored
/// there, and a hyphen before a word would exclude it.
struct QueryWords {
    /// Every word more is one that a file's owner may not have written.
    private static let most = 16
    private static let mostBytes = 256

    let text: String

    init(_ text: String) {
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased()
        let words = folded.split { !Self.isPartOfWord($0) }.map(String.init)
        let long = words.filter { $0.count > 1 }
        self.text = (long.isEmpty ? words : long).prefix(Self.most).joined(separator: " ")
            .prefix(utf8: Self.mostBytes)
    }

    var isEmpty: Bool { text.isEmpty }

    /// Two letters would find half of what people share.
    var isTelling: Bool { text.count > 2 || text.utf8.contains { $0 >= 0x80 } }

    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
            || character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .nonspacingMark }
    }
}

/// A title, an album or a credit without what is said about it: guests, versions, editions.
struct QueryTitle {
    let core: String

    init(_ text: String) {
        let ends = Self.marks.compactMap { text.range(of: $0, options: .caseInsensitive)?.lowerBound }
        let core = ends.min().map { String(text[..<$0]) } ?? text
        self.core = QueryWords(core).isEmpty ? text : core
    }

    /// A bracket that opens the text belongs to the name.
    private static let marks = [
        " (", " [", " {", "（", "【", "［", " - ", " – ", " — ", " feat. ", " feat ", " ft. ", " ft ", " featuring ",
    ]
}
