/// A setting that is missing or invalid. The process exits with status 78.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the setting, as in the environment.
    public let name: String
    /// What is wrong and what to do, as the rest of a sentence that begins with the name. Never contains a secret.
    public let problem: String

    public init(_ name: String, _ problem: String) {
        self.name = name
        self.problem = problem
    }

    public var description: String { "\(name) \(problem)" }
}
