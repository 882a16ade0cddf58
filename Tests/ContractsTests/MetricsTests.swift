import Foundation
import TestSupport
import Testing

/// `contracts/metrics.md` and the code name the same metrics, with the same types and labels.
@Suite struct MetricsTests {
    /// A metric with its labels.
    struct Metric: Hashable, Comparable {
        var name: String
        var type: String
        var labels: Set<String>

        static func < (one: Metric, other: Metric) -> Bool { one.name < other.name }
    }

    @Test func `metrics md lists the metrics that the code emits`() throws {
        let documented = try Self.documented()
        let emitted = try Self.emitted()
        #expect(emitted.count >= 15)
        #expect(Set(documented.map(\.name)).count == documented.count)
        #expect(documented.filter { !emitted.contains($0) }.sorted() == [], "listed, and not emitted")
        #expect(emitted.subtracting(documented).sorted() == [], "emitted, and not listed")
    }

    @Test func `every metric of metrics md has a meaning`() throws {
        let cells = try Self.rows()
        #expect(cells.allSatisfy { $0.count == 4 && !$0[3].isEmpty })
    }

    private static func documented() throws -> [Metric] {
        try rows().map { cells in
            Metric(name: names(cells[0]).first ?? "", type: cells[1], labels: Set(names(cells[2])))
        }
    }

    private static func rows() throws -> [[String]] {
        let text = try String(contentsOfFile: PackageRoot.path("contracts/metrics.md"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `hdm_") }.map { row in
            row.dropFirst(2).split(separator: " |", omittingEmptySubsequences: false).prefix(4)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private static func names(_ cell: String) -> [String] { cell.matches(of: /`([a-z_]+)`/).map { String($0.1) } }

    /// Finds `Counter(label: "…", dimensions: …)` and the like. Labels stand in the call, or in a constant before it.
    private static func emitted() throws -> Set<Metric> {
        var found: Set<Metric> = []
        for source in try sources() {
            let call = /(Counter|Gauge|Meter|Timer|Recorder)\(\s*label: "(hdm_[a-z_]+)"(?:,\s*dimensions: ([^\n]*))?/
            for match in source.matches(of: call) {
                var dimensions = String(match.3 ?? "")
                if let name = dimensions.wholeMatch(of: /([a-z]+)\).*/)?.1 {
                    let before = source[..<match.range.lowerBound]
                    dimensions =
                        before.matches(of: /let ([a-z]+) = (\[[^\n]*)/).last { $0.1 == name }.map { String($0.2) } ?? ""
                }
                let labels = dimensions.matches(of: /\("([a-z_]+)",/).map { String($0.1) }
                found.insert(Metric(name: String(match.2), type: type(String(match.1)), labels: Set(labels)))
            }
        }
        return found
    }

    private static func type(_ call: String) -> String {
        switch call {
        case "Counter": "counter"
        case "Gauge", "Meter": "gauge"
        default: "histogram"
        }
    }

    private static func sources() throws -> [String] {
        let root = URL(filePath: PackageRoot.path("Sources"))
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        var sources: [String] = []
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { sources.append(try String(contentsOf: file, encoding: .utf8)) }
        }
        return sources
    }
}
