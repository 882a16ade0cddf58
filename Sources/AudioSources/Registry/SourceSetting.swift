public import ServiceKit

/// The documentation of one setting of a source.
public struct SourceSetting: Sendable, Equatable {
    /// The name in the environment.
    public let name: String
    /// The value without the setting; `nil` when there is none.
    public let defaultValue: String?
    /// What the setting means, with its unit and range, in Markdown.
    public let meaning: String

    public init(_ name: String, default value: String? = nil, _ meaning: String) {
        self.name = name
        defaultValue = value
        self.meaning = meaning
    }

    /// The row of the reference table.
    public var tableRow: String { "| `\(name)` | \(defaultValue ?? "none") | \(meaning) |" }
}

/// A setting that is a whole number: its name, default, range and documentation.
public struct IntegerSetting: Sendable {
    public let name: String
    public let defaultValue: Int
    public let range: ClosedRange<Int>
    private let meaning: String

    public init(_ name: String, default value: Int, in range: ClosedRange<Int>, _ meaning: String) {
        self.name = name
        defaultValue = value
        self.range = range
        self.meaning = meaning
    }

    public var documentation: SourceSetting {
        SourceSetting(
            name, default: String(defaultValue), "\(meaning), \(range.lowerBound)–\(range.upperBound)")
    }

    /// Reads the setting.
    /// - Throws: `SettingsError` with the range, for another value.
    public func value(in settings: Settings) throws(SettingsError) -> Int {
        try settings.integer(name, default: defaultValue, in: range)
    }

    /// Reads the setting as a number of seconds.
    public func seconds(in settings: Settings) throws(SettingsError) -> Duration {
        .seconds(try value(in: settings))
    }

    /// Reads the setting as a number of milliseconds.
    public func milliseconds(in settings: Settings) throws(SettingsError) -> Duration {
        .milliseconds(try value(in: settings))
    }
}
