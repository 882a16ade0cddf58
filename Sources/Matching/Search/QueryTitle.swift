import Foundation

/// A title, an album or a credit without guests, versions and editions.
struct QueryTitle {
    let core: String

    init(_ text: String) {
        let ends = Self.marks.compactMap { text.range(of: $0, options: .caseInsensitive)?.lowerBound }
        let core = ends.min().map { String(text[..<$0]) } ?? text
        self.core = QueryWords(core).isEmpty ? text : core
    }

    /// The beginnings of qualifiers. A bracket at the beginning of the text belongs to the name.
    private static let marks = [
        " (", " [", " {", "（", "【", "［", " - ", " – ", " — ", " feat. ", " feat ", " ft. ", " ft ", " featuring ",
    ]
}
