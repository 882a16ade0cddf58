import Foundation

/// Splits names into words, as they are written and in Latin letters.
///
/// It caches folded letters and romanised words: use one reader for all names of a search.
struct NameReader {
    /// The maximum length of a name in bytes. The rest is ignored.
    static let maxLength = 1024

    /// The encodings of the scripts of the wanted names. Damaged text is repaired only into these scripts.
    var legacy: LegacyEncodings?
    /// The Han characters of the wanted names. Words with few of them are not romanised, because that is slow and they
    /// cannot match.
    var wantedSigns = WordSet([])
    /// `nil` while the lexicon itself is built.
    private let lexicon: Lexicon?
    private let latinLexicon: Lexicon?
    private var folding = Folding()
    private var folded: [UInt8] = []
    /// Indices in `romanisations`, by word.
    private var romanised = WordTable()
    private var romanisations: [[UInt8]] = []

    init(hasLexicon: Bool = true) {
        lexicon = hasLexicon ? .written : nil
        latinLexicon = hasLexicon ? .latin : nil
    }

    mutating func words(_ text: String) -> Words {
        var words = Words()
        var text = text
        text.withUTF8 { read(UnsafeBufferPointer(rebasing: $0.prefix(Self.maxLength)), into: &words) }
        return words
    }

    /// - Parameter words: Receives the words. Its buffers are reused.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, into words: inout Words) {
        guard bytes.contains(where: { $0 >= 0x80 }) else {
            WordReader.read(bytes, into: &words, lexicon)
            return
        }
        folded.removeAll(keepingCapacity: true)
        let isDamaged = Mojibake.isPossible(bytes)
        if isDamaged, let text = Mojibake.repaired(String(decoding: bytes, as: UTF8.self), towards: legacy) {
            folding.fold(text, into: &folded)
        } else {
            folding.fold(bytes, into: &folded)
        }
        folded.withUnsafeBufferPointer { WordReader.read($0, into: &words, lexicon) }
    }

    mutating func latin(_ text: String) -> Words {
        var latin = Words()
        read(latin: words(text), into: &latin)
        return latin
    }

    /// Writes the words in Latin letters, normalised so that different romanisations of one name are equal.
    mutating func read(latin words: Words, into latin: inout Words) {
        latin.removeAll()
        latin.hasBlanks = words.hasBlanks
        latin.isCut = words.isCut
        for word in words.items {
            let start = latin.letters.count
            if words.letters[word.range].contains(where: { $0 >= 0x80 }) {
                latin.letters += romanised(words, word)
            } else {
                Romanisation.normalise(words.letters[word.range], into: &latin.letters)
            }
            if latin.letters.count > start { latin.endWord(from: start, like: word, latinLexicon) }
        }
    }

    private mutating func romanised(_ words: Words, _ word: Words.Word) -> [UInt8] {
        if let known = romanised[word.id] { return romanisations[known] }
        let text = String(decoding: words.letters[word.range], as: UTF8.self).precomposedStringWithCanonicalMapping
        guard isWorthRomanising(text) else {
            romanised.insert(word.id, romanisations.count)
            romanisations.append(Array(words.letters[word.range]))
            return Array(words.letters[word.range])
        }
        var plain: [UInt8] = []
        folding.fold(text.applyingTransform(.toLatin, reverse: false) ?? text, into: &plain)
        plain.removeAll { $0 == UInt8(ascii: "'") || $0 == 32 || $0 == UInt8(ascii: "-") }
        var normalised: [UInt8] = []
        Romanisation.normalise(plain[...], into: &normalised)
        romanised.insert(word.id, romanisations.count)
        romanisations.append(normalised)
        return normalised
    }

    private func isWorthRomanising(_ text: String) -> Bool {
        let signs = text.unicodeScalars.filter { Script.isHan($0) }
        return signs.isEmpty || signs.count { wantedSigns.contains(WordID($0.value)) } * 4 >= signs.count
    }
}
