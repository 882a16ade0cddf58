/// Rows of text under headings, in columns as wide as they need to be.
struct TextTable: Sendable {
    private let heading: [String]
    private var rows: [[String]] = []

    init(_ heading: String...) { self.heading = heading }

    var isEmpty: Bool { rows.isEmpty }

    /// Adds a row. What its cells hold is made harmless for a terminal.
    mutating func add(_ cells: String...) { rows.append(cells.map(\.harmless)) }

    /// The lines, without white space at their ends.
    var text: String {
        let widths = heading.indices.map { column in ([heading] + rows).map { $0[column].count }.max() ?? 0 }
        return ([heading] + rows).map { cells in
            let line = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

extension String {
    /// The text without what a terminal would obey: control characters, line breaks and marks that turn the direction of
    /// writing are spelled out. File names come from strangers.
    var harmless: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
