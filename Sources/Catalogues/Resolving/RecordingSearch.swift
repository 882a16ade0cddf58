import Contracts
import Logging
import Matching
import ServiceKit

/// The search for one wanted recording in the catalogues: by its id at Spotify, by its ISRC, by its names.
struct RecordingSearch {
    let track: Track
    let catalogues: [MonitoredCatalogue]
    let logger: Logger
    /// The errors of catalogues that could not be used, in the order of the catalogues.
    private(set) var obstacles: [CatalogueError] = []
    /// The recording's ISRC from another catalogue, when the catalogue that has the recording lists none.
    private(set) var otherISRC: (isrc: String, provider: String)?
    private(set) var hasUsedSpotify = false
    private var remarks: [String] = []
    private var judge: CatalogueJudge

    init(track: Track, catalogues: [MonitoredCatalogue], logger: Logger) {
        self.track = track
        self.catalogues = catalogues
        self.logger = logger
        judge = CatalogueJudge(wanted: track)
    }

    /// The reason why nothing was found.
    var remark: String {
        remarks.isEmpty ? "no catalogue has a recording of that name" : remarks.joined(separator: "; ")
    }

    /// Returns the recording; `nil` when it was not found, or when the catalogues could not be used.
    /// - Throws: `CancellationError`, and every error that is not a ``CatalogueError``.
    mutating func run() async throws -> FoundRecording? {
        var found = try await byID()
        if found == nil { found = try await byISRC() }
        if found == nil, track.isNamed { found = try await byNames() }
        if let found, found.listed.isrc == nil, track.isrc.flatMap({ ISRC($0) }) == nil {
            otherISRC = try await isrc(of: found)
        }
        return found
    }
}

// MARK: - Ways to find it

extension RecordingSearch {
    private mutating func byID() async throws -> FoundRecording? {
        guard let id = track.spotifyID, !id.isEmpty, let spotify = catalogues.first(where: { $0.name == "spotify" })
        else { return nil }
        hasUsedSpotify = true
        let listed = try await request(spotify) { try await $0.track(id) }
        guard let listed else {
            remarks.append("Spotify does not have the track \(id.prefix(utf8: 64))")
            return nil
        }
        return best(of: [listed], spotify, isIdentified: true)
    }

    private mutating func byISRC() async throws -> FoundRecording? {
        guard let text = track.isrc else { return nil }
        guard let isrc = ISRC(text)?.text else {
            remarks.append("the ISRC '\(text.prefix(utf8: 64))' is malformed")
            return nil
        }
        for catalogue in catalogues {
            let listed = try await request(catalogue) { try await $0.tracks(isrc: isrc) } ?? []
            if let found = best(of: listed, catalogue, isIdentified: true) { return found }
        }
        remarks.append("no catalogue has the ISRC \(isrc)")
        return nil
    }

    private mutating func byNames() async throws -> FoundRecording? {
        let query = CatalogueQuery(artist: track.artist, title: track.title, album: track.album)
        for catalogue in catalogues {
            let listed = try await request(catalogue) { try await $0.search(query) } ?? []
            if let found = best(of: listed, catalogue, isIdentified: false) { return found }
        }
        return nil
    }

    /// Searches the other catalogues by names for the ISRC of a found recording.
    private mutating func isrc(of found: FoundRecording) async throws -> (isrc: String, provider: String)? {
        let named = found.listed.track
        let query = CatalogueQuery(artist: named.artist, title: named.title)
        for catalogue in catalogues where catalogue.name != found.provider {
            let listed = try await request(catalogue) { try await $0.search(query) } ?? []
            var judge = CatalogueJudge(wanted: named)
            let same = listed.filter { $0.durationMS != nil && judge.compare($0.track).isSame }
            // Two different ISRCs mean two recordings.
            let codes = Set(same.compactMap(\.isrc))
            if codes.count == 1, let code = codes.first { return (code, catalogue.name) }
        }
        return nil
    }

    private mutating func best(
        of listed: [CatalogueTrack], _ catalogue: MonitoredCatalogue, isIdentified: Bool
    ) -> FoundRecording? {
        var releases = listed.map { FoundRelease(listed: $0, agreement: judge.compare($0.track)) }
        if !isIdentified { releases.removeAll { !$0.agreement.isSame } }
        guard let best = releases.best() else { return nil }
        if !isIdentified, best.isContested(by: releases) {
            remarks.append("\(catalogue.name) has several recordings of that name")
            return nil
        }
        return FoundRecording(
            listed: best.listed, agreement: best.agreement, provider: catalogue.name, isIdentified: isIdentified)
    }
}

// MARK: - Requests

extension RecordingSearch {
    /// - Returns: `nil` when the catalogue does not have the entry, or cannot be used, which is recorded.
    private mutating func request<Value: Sendable>(
        _ catalogue: MonitoredCatalogue, _ request: @Sendable (any MusicCatalogue) async throws -> Value
    ) async throws -> Value? {
        do {
            return try await catalogue.request(request)
        } catch let error as CatalogueError {
            record(error, catalogue)
            return nil
        }
    }

    private mutating func record(_ error: CatalogueError, _ catalogue: MonitoredCatalogue) {
        switch error {
        case .notFound, .closed, .unsupported, .tooLarge: return
        case .signInNeeded, .paused, .unavailable: break
        }
        obstacles.append(error)
        logger.log(
            event: .matchResolved, level: .debug, "a catalogue cannot be used",
            metadata: [LogKey.provider: .string(catalogue.name), LogKey.error: .string("\(error)".prefix(utf8: 512))])
    }
}
