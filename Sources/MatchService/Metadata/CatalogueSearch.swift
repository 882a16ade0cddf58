import Contracts
import Logging
import Matching
import Metadata
import ServiceKit

/// One job's way through the catalogues: what was found, what stood in the way.
struct CatalogueSearch {
    let track: Track
    let catalogues: [AskedCatalogue]
    let logger: Logger
    /// Catalogues that could not be asked, the most telling first.
    private(set) var obstacles: [CatalogueError] = []
    /// The code of the recording, from a catalogue that knows it where the one that named it does not.
    private(set) var code: (isrc: String, provider: String)?
    private(set) var hasAskedSpotify = false
    private var remarks: [String] = []
    private var judge: CatalogueJudge

    init(track: Track, catalogues: [AskedCatalogue], logger: Logger) {
        self.track = track
        self.catalogues = catalogues
        self.logger = logger
        judge = CatalogueJudge(wanted: track)
    }

    /// Why nothing was found.
    var remark: String {
        remarks.isEmpty ? "no catalogue has a recording of that name" : remarks.joined(separator: "; ")
    }

    /// - Throws: `CancellationError`, and what is no `CatalogueError`.
    mutating func run() async throws -> FoundRecording? {
        var found = try await byIdentifier()
        if found == nil, track.isNamed { found = try await byNames() }
        if let found, found.listed.isrc == nil, track.isrc.flatMap(ISRC.plain) == nil {
            code = try await code(of: found)
        }
        return found
    }

    private mutating func byIdentifier() async throws -> FoundRecording? {
        if let found = try await byID() { return found }
        return try await byCode()
    }

    private mutating func byID() async throws -> FoundRecording? {
        guard let id = track.spotifyID, !id.isEmpty, let spotify = catalogues.first(where: { $0.name == "spotify" })
        else { return nil }
        hasAskedSpotify = true
        let listed = try await ask(spotify) { try await $0.track(id) }
        guard let listed else {
            remarks.append("Spotify does not have the track \(id.prefix(utf8: 64))")
            return nil
        }
        return found([listed], spotify, isIdentified: true)
    }

    private mutating func byCode() async throws -> FoundRecording? {
        guard let code = track.isrc.flatMap(ISRC.plain) else {
            if track.isrc != nil { remarks.append("the ISRC is not one") }
            return nil
        }
        for catalogue in catalogues {
            let listed = try await ask(catalogue) { try await $0.tracks(isrc: code) } ?? []
            if let found = found(listed, catalogue, isIdentified: true) { return found }
        }
        remarks.append("no catalogue knows the ISRC \(code)")
        return nil
    }

    private mutating func byNames() async throws -> FoundRecording? {
        let query = CatalogueQuery(artist: track.artist, title: track.title, album: track.album)
        for catalogue in catalogues {
            let listed = try await ask(catalogue) { try await $0.search(query) } ?? []
            if let found = found(listed, catalogue, isIdentified: false) { return found }
        }
        return nil
    }

    /// Other catalogues are asked by name for the code that one leaves out.
    private mutating func code(of found: FoundRecording) async throws -> (isrc: String, provider: String)? {
        let named = found.listed.track
        let query = CatalogueQuery(artist: named.artist, title: named.title)
        for catalogue in catalogues where catalogue.name != found.provider {
            let listed = try await ask(catalogue) { try await $0.search(query) } ?? []
            var judge = CatalogueJudge(wanted: named)
            let same = listed.filter { $0.durationMS != nil && judge.compare($0.track).isSame }
            // One that names two codes names two recordings.
            let codes = Set(same.compactMap(\.isrc))
            if codes.count == 1, let code = codes.first { return (code, catalogue.name) }
        }
        return nil
    }

    // MARK: - Judging

    private mutating func found(
        _ listed: [CatalogueTrack], _ catalogue: AskedCatalogue, isIdentified: Bool
    ) -> FoundRecording? {
        var releases = listed.map { FoundRelease(listed: $0, agreement: judge.compare($0.track)) }
        if !isIdentified { releases.removeAll { !$0.agreement.isSame } }
        guard let best = releases.best(for: track) else { return nil }
        if !isIdentified, best.isContested(by: releases) {
            remarks.append("\(catalogue.name) has several recordings of that name")
            return nil
        }
        return FoundRecording(
            listed: best.listed, agreement: best.agreement, provider: catalogue.name, isIdentified: isIdentified)
    }

    // MARK: - Asking

    /// - Returns: `nil` when the catalogue does not have it, or could not be asked, which is noted.
    private mutating func ask<Value: Sendable>(
        _ catalogue: AskedCatalogue, _ question: @Sendable (any MusicCatalogue) async throws -> Value
    ) async throws -> Value? {
        do {
            return try await catalogue.ask(question)
        } catch let error as CatalogueError {
            note(error, catalogue)
            return nil
        }
    }

    private mutating func note(_ error: CatalogueError, _ catalogue: AskedCatalogue) {
        switch error {
        case .notFound, .closed, .unsupported: return
        case .signInNeeded, .paused, .unavailable: break
        }
        // Spotify's word counts before that of MusicBrainz, which may not know the recording at all.
        obstacles.append(error)
        logger.log(
            event: .matchResolved, level: .debug, "a catalogue could not be asked",
            metadata: [LogKey.provider: .string(catalogue.name), LogKey.error: .string("\(error)".prefix(utf8: 512))])
    }
}
