import Foundation
import TestSupport
import Testing

/// A setting exists in three places: the code that reads it, the operator's reference and the template for Compose.
@Suite("Settings")
struct SettingsTests {
    @Test func `Every setting that is read is in the operator's documentation`() throws {
        let documented = try SettingsInDocuments.mentioned()
        let read = try SettingsInSources.all()
        #expect(read.count > 50 && read.contains("HDM_AMQP_URL") && read.contains("RETRY_<>_MAX_ATTEMPTS"))
        let missing = read.filter { setting in !documented.contains { SettingsTemplate.name($0, isOneOf: setting) } }
        #expect(missing.sorted() == [], "read, and not in docs/operations")
    }

    @Test func `Every setting of the operator's reference is read`() throws {
        let read = try SettingsInSources.all()
        let table = try SettingsInDocuments.table()
        #expect(table.count > 50)
        let unread = table.filter { name in !read.contains { SettingsTemplate.name(name, isOneOf: $0) } }
        #expect(unread.sorted() == [], "in the tables of docs/operations/settings.md, and read nowhere")
    }

    @Test func `The template for Compose has every setting, and only settings`() throws {
        let template = try SettingsInDocuments.template()
        let known = try SettingsInSources.all().union(SettingsInDocuments.mentioned())
        let missing = try SettingsInSources.all().filter { !template.hasOne(of: $0) }
        #expect(missing.sorted() == [], "read, and not in compose/.env.example")
        let compose = try SettingsInDocuments.variablesOfCompose().union(["COMPOSE_PROFILES"])
        let strangers = template.names.filter { name in
            !compose.contains(name) && !known.contains { SettingsTemplate.name(name, isOneOf: $0) }
        }
        #expect(strangers.sorted() == [], "in compose/.env.example, and read nowhere")
    }

    @Test func `The template has every variable of the Compose file`() throws {
        let variables = try SettingsInDocuments.variablesOfCompose()
        #expect(variables.contains("PUID"))
        let template = try SettingsInDocuments.template()
        #expect(variables.subtracting(template.names).sorted() == [], "in compose.yaml, and not in .env.example")
    }
}

/// The names in the template for Compose, one on each line, most of them commented out.
struct SettingsTemplate {
    var names: Set<String>

    /// Returns whether the template has a setting, or a member of a family such as `A_<>_B`.
    func hasOne(of setting: String) -> Bool { names.contains { Self.name($0, isOneOf: setting) } }

    /// Returns whether `name` is the setting, a member of its family, or the setting for a file with its value.
    static func name(_ name: String, isOneOf setting: String) -> Bool {
        let parts = setting.split(separator: "<>", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return name == setting || name == setting + "_FILE" }
        return name.hasPrefix(parts[0]) && name.hasSuffix(parts[1]) && name.count > parts[0].count + parts[1].count
    }
}

/// The settings in the documentation.
enum SettingsInDocuments {
    static func template() throws -> SettingsTemplate {
        let lines = try text("compose/.env.example").split(separator: "\n")
        let names = lines.compactMap { $0.firstMatch(of: /^#?([A-Z][A-Z0-9_]*)=/)?.1 }
        return SettingsTemplate(names: Set(names.map(String.init)))
    }

    static func variablesOfCompose() throws -> Set<String> {
        Set(try text("compose/compose.yaml").matches(of: /\$\{([A-Z][A-Z0-9_]*)/).map { String($0.1) })
    }

    /// The names in the first column of the reference tables.
    static func table() throws -> Set<String> {
        let rows = try text("docs/operations/settings.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        return Set(rows.flatMap { names($0.split(separator: " | ")[0]) })
    }

    /// The names on all pages for operators.
    static func mentioned() throws -> Set<String> {
        let pages = try FileManager.default.contentsOfDirectory(atPath: PackageRoot.path("docs/operations"))
        return try pages.filter { $0.hasSuffix(".md") }.reduce(into: []) { found, page in
            found.formUnion(names(try text("docs/operations/\(page)")))
        }
    }

    private static func names(_ text: some StringProtocol) -> Set<String> {
        let found = String(text).matches(of: /`([A-Z][A-Z0-9_]*(?:<[A-Z]+>[A-Z0-9_]*)?)`/)
        return Set(found.map { String($0.1).replacing(/<[A-Z]+>/, with: "<>") })
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: PackageRoot.path(path), encoding: .utf8)
    }
}

/// The settings that the product reads, found in its sources: `A_<>_B` stands for a family, such as one for each stage.
enum SettingsInSources {
    /// Targets with settings of their own, which are not documented for operators.
    private static let tools: Set<String> = ["Fakes", "TestSupport", "hdm-bench", "hdm-slskd-sim"]

    static func all() throws -> Set<String> {
        let sources = URL(filePath: PackageRoot.path("Sources"))
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        var found: Set<String> = []
        while let file = files?.nextObject() as? URL {
            let target = file.pathComponents.dropFirst(sources.pathComponents.count).first ?? ""
            guard file.pathExtension == "swift", !tools.contains(target) else { continue }
            found.formUnion(names(in: try String(contentsOf: file, encoding: .utf8)))
        }
        return found.subtracting(seams)
    }

    /// Settings that only tests use.
    private static let seams: Set<String> = ["HDM_CRASH_POINT"]

    static func names(in source: String) -> Set<String> {
        let code = source.split(separator: "\n").filter { !$0.contains(/^ *\/\//) }.joined(separator: "\n")
        // A literal as the name of a setting, or one that begins like a setting.
        let asked = code.matches(of: /\.(?:text|secret|integer|number|flag|seconds|choice|list)\(\s*"([^"]+)"/)
        let known = code.matches(
            of:
                /"((?:HDM|HARMONY|APP|RETRY|DLQ|IDEMPOTENCY|PROVIDER|SLSKD|SPOTIFY|MUSICBRAINZ|ENABLE|PUID|PGID|UMASK)[^" ]*)"/
        )
        let literals = Set((asked.map(\.1) + known.map(\.1)).map { withGaps(String($0)) })
        let suffixes = Set(code.matches(of: /\bname(?:\(| \+ )"([A-Z0-9_]+)"/).map { String($0.1) })
        let whole = literals.subtracting(suffixes).filter {
            $0.wholeMatch(of: /[A-Z][A-Z0-9]*(?:_(?:[A-Z0-9]+|<>))*/) != nil
        }
        let beginnings = literals.filter { $0.hasSuffix("_") && $0.wholeMatch(of: /[A-Z][A-Z0-9_<>]*/) != nil }
        return whole.union(beginnings.flatMap { beginning in suffixes.map { beginning + $0 } })
    }

    /// Replaces interpolations by a gap.
    private static func withGaps(_ literal: String) -> String {
        literal.replacing(/\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/, with: "<>")
    }
}
