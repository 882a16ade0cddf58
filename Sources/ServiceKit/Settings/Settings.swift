import Configuration
public import Foundation
import SystemPackage

/// The settings of a process: the environment first, then the file that `HDM_CONFIG_FILE` names (YAML or JSON, with the
/// same names as top-level keys). An empty value counts as absent.
public struct Settings: Sendable {
    private let reader: ConfigReader
    private var defaults: [String: String] = [:]

    /// Creates settings from given values.
    public init(environment: [String: String]) {
        reader = ConfigReader(provider: Self.variables(environment))
    }

    private init(reader: ConfigReader) { self.reader = reader }

    /// Removes empty variables: Compose sets a variable without a value to an empty text, which must not hide the file's
    /// value.
    private static func variables(_ environment: [String: String]) -> EnvironmentVariablesProvider {
        EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
    }

    /// Loads the settings of this process.
    /// - Throws: ``SettingsError`` when the file cannot be read.
    public static func load(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws(SettingsError) -> Settings {
        let variables = variables(environment)
        guard let path = environment["HDM_CONFIG_FILE"], !path.isEmpty else {
            return Settings(reader: ConfigReader(provider: variables))
        }
        do {
            let file: any ConfigProvider =
                path.hasSuffix(".json")
                ? try await FileProvider<JSONSnapshot>(filePath: FilePath(path))
                : try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
            return Settings(reader: ConfigReader(providers: [variables, file]))
        } catch {
            throw SettingsError("HDM_CONFIG_FILE", "names a file that cannot be read as YAML or JSON: \(path)")
        }
    }

    /// Returns these settings with values for names that neither the environment nor the file sets.
    func withDefaults(_ defaults: [String: String]) -> Settings {
        var settings = self
        settings.defaults.merge(defaults) { _, new in new }
        return settings
    }

    /// Returns a text without changes.
    public func text(_ name: String) -> String? {
        let key = ConfigKey([name])
        // In a file, a number is not a string, but it is the same setting.
        let value = reader.string(forKey: key, isSecret: true) ?? typedValue(key)
        return value.flatMap { $0.isEmpty ? nil : $0 } ?? defaults[name]
    }

    private func typedValue(_ key: ConfigKey) -> String? {
        if let number = reader.int(forKey: key) { return String(number) }
        if let number = reader.double(forKey: key) { return String(number) }
        if let flag = reader.bool(forKey: key) { return String(flag) }
        return reader.stringArray(forKey: key)?.joined(separator: ",")
    }

    public func text(_ name: String, default value: String) -> String { text(name) ?? value }

    /// Returns a secret: the value, or the trimmed content of the file that `<name>_FILE` names.
    public func secret(_ name: String) throws(SettingsError) -> String? {
        if let value = text(name) { return value }
        guard let path = text(name + "_FILE") else { return nil }
        guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError(name + "_FILE", "names a file that cannot be read: \(path)")
        }
        let secret = content.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw SettingsError(name + "_FILE", "names an empty file: \(path)") }
        return secret
    }

    public func integer(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(SettingsError) -> Int {
        guard let text = text(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw SettingsError(
                name, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    public func number(
        _ name: String, default value: Double, in range: ClosedRange<Double>
    ) throws(SettingsError) -> Double {
        guard let text = text(name) else { return value }
        guard let number = Double(text), range.contains(number) else {
            throw SettingsError(name, "must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    public func flag(_ name: String, default value: Bool) throws(SettingsError) -> Bool {
        guard let text = text(name) else { return value }
        switch text.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        default: throw SettingsError(name, "must be true or false, not '\(text)'")
        }
    }

    /// Returns a time that is set in whole seconds.
    public func seconds(
        _ name: String, default value: Duration, in range: ClosedRange<Int>
    ) throws(SettingsError) -> Duration {
        guard text(name) != nil else { return value }
        return .seconds(try integer(name, default: 0, in: range))
    }

    /// Returns one of a closed set of words.
    public func choice<Word: RawRepresentable & CaseIterable>(
        _ name: String, default value: Word
    ) throws(SettingsError) -> Word where Word.RawValue == String {
        guard let text = text(name) else { return value }
        guard let choice = Word(rawValue: text.lowercased()) else {
            let words = Word.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw SettingsError(name, "must be one of \(words), not '\(text)'")
        }
        return choice
    }

    /// Returns the parts of a text, trimmed and without empty ones.
    public func list(_ name: String, separator: Character = ",") -> [String] {
        (text(name) ?? "").split(separator: separator).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }
}
