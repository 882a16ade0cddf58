public import Contracts
public import Logging

/// Finds the recording that a track means in catalogues, with the same judge as the match stage.
///
/// For callers other than the match stage, such as a backfill of the library.
public struct RecordingLookup: Sendable {
    private let catalogues: [MonitoredCatalogue]
    private let logger: Logger

    /// - Parameter catalogues: In the order in which they are used.
    public init(_ catalogues: [MonitoredCatalogue], logger: Logger) {
        self.catalogues = catalogues
        self.logger = logger
    }

    /// Looks a track up.
    /// - Throws: ``CatalogueError`` when nothing was found and a catalogue could not be used; `CancellationError`.
    public func find(_ track: Track) async throws -> LookupResult {
        var search = RecordingSearch(track: track, catalogues: catalogues, logger: logger)
        guard let found = try await search.run() else {
            if let obstacle = search.obstacles.first { throw obstacle }
            return .notFound(search.remark)
        }
        guard !found.agreement.isContradiction else { return .contradiction(found.contradiction(of: track)) }
        var resolved = ResolvedTrack(track)
        resolved.complete(with: found, search)
        return .found(
            resolved, album: found.agreement.isOnAlbum ? found.listed.album : nil, provider: found.provider)
    }
}

/// The result of a lookup.
public enum LookupResult: Sendable, Equatable {
    /// The completed track with the origin of each field; the recording's album in the catalogue, unless the track is on
    /// another one; the catalogue's name.
    case found(ResolvedTrack, album: CatalogueAlbum?, provider: String)
    /// The track's identifier belongs to a recording with other names or another version. Nothing may be taken over.
    case contradiction(String)
    /// No catalogue has the recording, or several recordings fit.
    case notFound(String)
}

extension ResolvedTrack {
    mutating func complete(with found: FoundRecording, _ search: RecordingSearch) {
        complete(with: found.listed, from: found.provider, found.evidence)
        if let other = search.otherISRC { completeISRC(other.isrc, from: other.provider) }
    }
}
