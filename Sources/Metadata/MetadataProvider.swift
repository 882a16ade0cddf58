public import Contracts

/// A place that knows more about a recording than the job says.
public protocol MetadataProvider: Sendable {
    /// Its name in settings, logs and readiness checks.
    var name: String { get }

    /// The track with what is known of it; fields that the job already has are kept.
    /// - Throws: `JobError`, such as `provider_unavailable`; a track that the provider does not know is no error.
    func resolve(_ track: Track) async throws -> Track
}

/// The job's own fields, and nothing else: all that is needed to work without any account.
public struct OwnFields: MetadataProvider {
    public let name = "job"

    public init() {}

    public func resolve(_ track: Track) async throws -> Track { track }
}
