/// Parses one component of a ``MoveTemplate``.
enum TemplateParser {
    private typealias Part = MoveTemplate.Part
    private typealias Problem = MoveTemplate.Problem

    static func parts(of component: Substring) throws(MoveTemplate.Problem) -> [MoveTemplate.Part] {
        guard component != ".", component != ".." else { throw Problem(description: "must not leave the library") }
        var parts: [Part] = []
        var rest = component
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{" else { throw Problem(description: "has a '}' without a '{'") }
            if open > rest.startIndex { parts.append(.literal(try literal(rest[..<open]))) }
            let body = rest[rest.index(after: open)...]
            guard let close = body.firstIndex(of: "}") else { throw Problem(description: "has a '{' without a '}'") }
            parts.append(try field(body[..<close]))
            rest = body[body.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(try literal(rest))) }
        return parts
    }

    private static func literal(_ text: Substring) throws(MoveTemplate.Problem) -> String {
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Problem(description: "must not contain control characters")
        }
        return String(text)
    }

    /// Parses the text within braces: `prefix Name[:0Nd] suffix`.
    private static func field(_ body: Substring) throws(MoveTemplate.Problem) -> MoveTemplate.Part {
        let prefix = body.prefix { !isWord($0) }
        let name = body.dropFirst(prefix.count).prefix(while: isWord)
        guard let field = TemplateField(named: name) else { throw unknown(body) }
        var rest = body.dropFirst(prefix.count + name.count)
        let width = try width(in: &rest, of: field)
        guard !rest.contains(where: { isWord($0) || $0 == "{" }), !prefix.contains("{") else { throw unknown(body) }
        return .field(field, width: width, prefix: try literal(prefix), suffix: try literal(rest))
    }

    private static func width(
        in rest: inout Substring, of field: TemplateField
    ) throws(MoveTemplate.Problem) -> Int {
        guard let match = rest.prefixMatch(of: /:0?([1-9])d/) else { return 0 }
        guard field.isNumber else { throw Problem(description: "gives a width to {\(field.rawValue)}, which is text") }
        rest = rest[match.range.upperBound...]
        return Int(match.output.1) ?? 0
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    private static func unknown(_ body: Substring) -> MoveTemplate.Problem {
        let fields = TemplateField.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
        return Problem(description: "has the unknown field {\(body.prefix(64))}; the fields are \(fields)")
    }
}
