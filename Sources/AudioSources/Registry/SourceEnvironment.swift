public import Contracts
public import Foundation
public import Logging
public import ServiceKit
public import ServiceLifecycle

/// What a process gives to the sources that it creates.
public struct SourceEnvironment: Sendable {
    public let settings: Settings
    /// The folder for databases of the source.
    public let stateDir: URL
    public let logger: Logger
    /// Whether a job has ended, so that its transfers can be removed.
    public let isFinished: @Sendable (JobID) async -> Bool
    private let secrets: @Sendable (String) async throws -> SourceSecret

    /// Creates an environment.
    /// - Parameter secrets: Returns the stored secret of a name, for a secret that is not among the settings.
    public init(
        settings: Settings, stateDir: URL, logger: Logger,
        isFinished: @escaping @Sendable (JobID) async -> Bool = { _ in false },
        secrets: @escaping @Sendable (String) async throws -> SourceSecret = { _ in SourceSecret { nil } }
    ) {
        self.settings = settings
        self.stateDir = stateDir
        self.logger = logger
        self.isFinished = isFinished
        self.secrets = secrets
    }

    /// Returns a secret that a user stored with `hdm secrets set`.
    /// - Throws: `SettingsError` when the settings do not allow access to stored secrets.
    public func storedSecret(_ name: String) async throws -> SourceSecret { try await secrets(name) }
}

/// A secret that can change while the process runs.
public struct SourceSecret: Sendable {
    /// The services that keep the value up to date.
    public let services: [any Service]
    private let current: @Sendable () -> String?

    public init(services: [any Service] = [], _ current: @escaping @Sendable () -> String?) {
        self.services = services
        self.current = current
    }

    /// The value now; `nil` when it is not known.
    public var value: String? { current() }
}

/// Repeats a source's own work until the service shuts down.
struct BackgroundService: Service {
    let work: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await work() }
        } catch is CancellationError {
            // The shutdown of the service cancels the work.
        }
    }
}
