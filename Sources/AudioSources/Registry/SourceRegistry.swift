public import ServiceKit

/// The sources of this program, by name.
public struct SourceRegistry: Sendable {
    /// All sources of this release. The first one is used when `HDM_SOURCES` is not set.
    public static let standard = SourceRegistry([.folder, .slskd])

    /// The setting that selects the sources.
    public static let setting = "HDM_SOURCES"

    public let registrations: [SourceRegistration]

    /// Creates a registry. The first source is the default one.
    public init(_ registrations: [SourceRegistration]) { self.registrations = registrations }

    /// Returns the sources that `HDM_SOURCES` names, in its order and each once.
    /// - Throws: `SettingsError` for a name that no source has.
    public func selected(by settings: Settings) throws(SettingsError) -> [SourceRegistration] {
        let names = settings.list(Self.setting)
        guard !names.isEmpty else { return Array(registrations.prefix(1)) }
        var selected: [SourceRegistration] = []
        for name in names where !selected.contains(where: { $0.name == name }) {
            guard let registration = registrations.first(where: { $0.name == name }) else {
                throw SettingsError(
                    Self.setting, "names the source '\(name)', which does not exist; use one or more of \(nameList)")
            }
            selected.append(registration)
        }
        return selected
    }

    private var nameList: String { registrations.map { "'\($0.name)'" }.joined(separator: ", ") }

    /// The sources and their settings as Markdown tables, for the reference documentation.
    public var documentation: String {
        let header = "| setting | default | meaning |\n| --- | --- | --- |\n"
        return registrations.map { registration in
            "### `\(registration.name)`\n\n\(registration.summary)\n\n" + header
                + registration.settings.map(\.tableRow).joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }
}
