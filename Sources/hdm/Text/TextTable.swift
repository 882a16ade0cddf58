/// A table of text with headings. Columns are as wide as their longest cell.
struct TextTable: Sendable {
    private let heading: [String]
    private var rows: [[String]] = []

    init(_ heading: String...) { self.heading = heading }

    var isEmpty: Bool { rows.isEmpty }

    /// Adds a row. Control characters in the cells are escaped.
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
    /// The text with escaped control characters, line breaks and direction marks, so that a terminal does not interpret
    /// them. File names come from other peers.
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
