import Configuration
public import Foundation
import SystemPackage

/// A setting that is missing or has a value that cannot be used. Stops the start with exit code 78.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The setting's name, as in the environment.
    public let name: String
    /// What is wrong with it, as a sentence part. Never holds the value of a secret.
    public let problem: String

    public init(_ name: String, _ problem: String) {
        self.name = name
        self.problem = problem
    }

    public var description: String { "\(name) \(problem)" }
}

/// The settings of a process: the environment first, then the file that `HDM_CONFIG_FILE` names (YAML or JSON, with the
/// same names as top-level keys). An empty value counts as absent.
public struct Settings: Sendable {
    private let reader: ConfigReader
    private var defaults: [String: String] = [:]

    /// Settings from given values; for tests and for programs that start services.
    public init(environment: [String: String]) {
        reader = ConfigReader(provider: Self.variables(environment))
    }

    private init(reader: ConfigReader) { self.reader = reader }

    /// An empty variable, as Compose makes of one that is not set, does not hide the file's value.
    private static func variables(_ environment: [String: String]) -> EnvironmentVariablesProvider {
        EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
    }

    /// Settings of this process.
    /// - Throws: ``SettingsError`` when the file cannot be read.
    public static func load(
        environment: [String: String] = ProcessInfo.processInfo.environment
    )
        async
        throws(SettingsError) -> Settings
    {
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

    /// A text as it stands.
    public func text(_ name: String) -> String? {
        let key = ConfigKey([name])
        // Files have types: a number there is no string, yet the same setting.
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

    /// A secret: the value, or the content of the file that `<name>_FILE` names, without white space around it.
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
    ) throws(SettingsError)
        -> Double
    {
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

    /// A time given in whole seconds.
    public func seconds(
        _ name: String, default value: Duration, in range: ClosedRange<Int>
    ) throws(SettingsError)
        -> Duration
    {
        guard text(name) != nil else { return value }
        return .seconds(try integer(name, default: 0, in: range))
    }

    /// One of a closed set of words.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default value: Choice
    )
        throws(SettingsError) -> Choice where Choice.RawValue == String
    {
        guard let text = text(name) else { return value }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let words = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw SettingsError(name, "must be one of \(words), not '\(text)'")
        }
        return choice
    }

    /// Parts of a text, without white space around them and without empty ones.
    public func list(_ name: String, separator: Character = ",") -> [String] {
        (text(name) ?? "").split(separator: separator).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }
}
