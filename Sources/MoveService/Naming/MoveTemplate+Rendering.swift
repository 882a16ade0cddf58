extension MoveTemplate {
    /// Returns the path of a file with these values.
    func path(_ values: TemplateValues) -> LibraryPath {
        LibraryPath(
            folders: folders.map { Self.folder($0, values) }.filter { !$0.isEmpty },
            stem: Self.text(of: file, values), fileExtension: values[.fileExtension] ?? "")
    }

    private static func folder(_ parts: [Part], _ values: TemplateValues) -> String {
        let fields = parts.compactMap(\.field)
        if fields.contains(.album), values[.album] == nil { return singles }
        let isEmpty = !fields.isEmpty && fields.allSatisfy { values[$0] == nil }
        return isEmpty ? "" : PathComponent.trimmed(text(of: parts, values))
    }

    private static func text(of parts: [Part], _ values: TemplateValues) -> String {
        var line = TemplateLine()
        for (index, part) in parts.enumerated() {
            switch part {
            case .literal(let text): line.add(literal: text)
            case .field(let field, let width, let prefix, let suffix):
                if let value = values[field] {
                    line.add(prefix + padded(value, width) + suffix)
                } else if prefix.isEmpty, suffix.isEmpty {
                    line.omitValue(before: parts.dropFirst(index + 1).first)
                }
            }
        }
        return line.text
    }

    private static func padded(_ value: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - value.count)) + value
    }
}

/// One component of a path under construction.
private struct TemplateLine {
    private(set) var text = ""
    /// The number of characters of the next literal that are removed with the absent value before it.
    private var closing = 0
    private var dropsSeparators = false

    mutating func add(_ value: String) {
        text += value
        (closing, dropsSeparators) = (0, false)
    }

    mutating func add(literal: String) {
        let rest = literal.dropFirst(closing)
        text += dropsSeparators ? rest.drop(while: Self.isSeparator) : rest
        (closing, dropsSeparators) = (0, false)
    }

    /// Removes the brackets around an absent value and the separators before it; at the beginning, those after it.
    mutating func omitValue(before next: MoveTemplate.Part?) {
        if case .literal(let literal)? = next, let last = text.last, let close = literal.first,
            ["()", "[]"].contains("\(last)\(close)")
        {
            text.removeLast()
            closing = 1
        }
        while let last = text.last, Self.isSeparator(last) { text.removeLast() }
        dropsSeparators = text.isEmpty
    }

    private static func isSeparator(_ character: Character) -> Bool { " -–—_.,+~·".contains(character) }
}

extension MoveTemplate.Part {
    fileprivate var field: TemplateField? { if case .field(let field, _, _, _) = self { field } else { nil } }
}
