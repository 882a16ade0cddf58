import Foundation

/// The words of a search in the form for file-sharing networks: letters and digits only. Networks ignore words of one
/// character, and a hyphen excludes the word after it.
struct QueryWords {
    /// The maximum number of words. Each further word may be missing in the path.
    private static let maximumWords = 16
    private static let maximumBytes = 256

    let text: String

    init(_ text: String) {
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased()
        let words = folded.split { !Self.isPartOfWord($0) }.map(String.init)
        let long = words.filter { $0.count > 1 }
        self.text = (long.isEmpty ? words : long).prefix(Self.maximumWords).joined(separator: " ")
            .prefix(utf8: Self.maximumBytes)
    }

    var isEmpty: Bool { text.isEmpty }

    /// Whether the words are selective enough. Two letters would match half of all files.
    var isSelective: Bool { text.count > 2 || text.utf8.contains { $0 >= 0x80 } }

    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
            || character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .nonspacingMark }
    }
}
