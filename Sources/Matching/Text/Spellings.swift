/// Finds other spellings of a name.
enum Spellings {
    /// Returns the name without separators, with umlauts spelt out, and without the letters that damaged encodings
    /// lose.
    static func others(of name: String) -> [String] {
        if Script.isForeign(name) { return [name.filter { $0.isLetter || $0.isNumber }] }
        var others = [name.filter { $0.isLetter || $0.isNumber }]
        let spelled = name.reduce(into: "") { $0 += digraphs[$1] ?? String($1) }
        if spelled != name { others.append(spelled) }
        let plain = name.filter(\.isASCII)
        let letters = plain.filter { $0.isLetter || $0.isNumber }
        if plain.count < name.count, letters.count >= 4, plain.count * 10 >= name.count * 6 { others.append(plain) }
        return others
    }

    /// Returns both names of a name in two scripts, such as `밤 (Night)`.
    static func parts(ofGlossed name: String) -> [String] {
        guard let open = name.firstIndex(where: { "([（/".contains($0) }) else { return [] }
        let outer = String(name[..<open])
        let inner = name[name.index(after: open)...].prefix { !")]）".contains($0) }
        guard Script.isForeign(outer) != Script.isForeign(String(inner)), inner.contains(where: \.isLetter) else {
            return []
        }
        return [outer, String(inner)]
    }

    private static let digraphs: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe",
    ]
}
