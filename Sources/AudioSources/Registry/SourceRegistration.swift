public import ServiceKit
public import ServiceLifecycle

/// Everything that the services need to use one source: the only entry that a new source adds.
///
/// Each source declares one value in its own folder, and ``SourceRegistry/standard`` lists it.
public struct SourceRegistration: Sendable {
    /// The name in `HDM_SOURCES` and in ``Candidate/source``.
    public let name: String
    /// What the source is, as the rest of a table row; for the documentation.
    public let summary: String
    /// The settings that the source reads.
    public let settings: [SourceSetting]
    /// Whether the files belong to the user. Files of the user's own collection are never rejected for their bitrate.
    public let isOwnCollection: Bool
    /// The default limit of requests to the provider; `nil` when it has none. `PROVIDER_<NAME>_…` override it.
    public let limits: BudgetLimits?
    /// Creates the source for a process that searches.
    public let makeSearch: @Sendable (SourceEnvironment) async throws -> SourcePart<any SearchSource>
    /// Creates the source for a process that fetches files.
    public let makeFetch: @Sendable (SourceEnvironment) async throws -> SourcePart<any FetchSource>

    /// Creates a registration.
    ///
    /// The factories throw `SettingsError` for a setting that cannot be used, and ``SourceError`` for a database that
    /// cannot be opened.
    public init(
        _ name: String, summary: String, settings: [SourceSetting], isOwnCollection: Bool = false,
        limits: BudgetLimits? = nil,
        search: @escaping @Sendable (SourceEnvironment) async throws -> SourcePart<any SearchSource>,
        fetch: @escaping @Sendable (SourceEnvironment) async throws -> SourcePart<any FetchSource>
    ) {
        self.name = name
        self.summary = summary
        self.settings = settings
        self.isOwnCollection = isOwnCollection
        self.limits = limits
        makeSearch = search
        makeFetch = fetch
    }
}

/// A source and the background services that it needs while the process runs.
public struct SourcePart<Source: Sendable>: Sendable {
    public let source: Source
    public let services: [any Service]

    public init(_ source: Source, services: [any Service] = []) {
        self.source = source
        self.services = services
    }
}
