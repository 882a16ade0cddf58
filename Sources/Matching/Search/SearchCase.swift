public import Contracts

/// A wanted track and what a search for it was answered with: one line of a corpus.
///
/// The shape is that of slskd's search responses beside a `wanted` object in Spotify's terms: `artists`, `title`, `album`,
/// `isrc`, `duration_ms`, `track_number`, `disc_number`, `release_year`, `explicit`. Anything else is not read.
public struct SearchCase: Decodable, Sendable {
    public var id: String
    public var wanted: Track
    /// Files that a peer lists without handing them over are locked.
    public var offers: [OfferedFile]

    private enum CodingKeys: String, CodingKey {
        case id, wanted, responses
    }

    /// - Throws: `DecodingError` that names the place of what is missing or of another type.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        wanted = try fields.decode(WantedTrack.self, forKey: .wanted).track
        offers = try fields.decode([PeerResponse].self, forKey: .responses).flatMap(\.offers)
    }
}

private struct WantedTrack: Decodable {
    let track: Track

    private enum CodingKeys: String, CodingKey {
        case artists, title, album, isrc, explicit
        case durationMS = "duration_ms"
        case trackNumber = "track_number"
        case discNumber = "disc_number"
        case releaseYear = "release_year"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let artists = try fields.decode([String].self, forKey: .artists)
        var track = Track(artist: artists.first ?? "", title: try fields.decode(String.self, forKey: .title))
        track.artists = artists
        track.album = try fields.decodeIfPresent(String.self, forKey: .album)
        track.isrc = try fields.decodeIfPresent(String.self, forKey: .isrc)
        track.durationMS = try fields.decodeIfPresent(Int.self, forKey: .durationMS)
        track.trackNumber = try fields.decodeIfPresent(Int.self, forKey: .trackNumber)
        track.discNumber = try fields.decodeIfPresent(Int.self, forKey: .discNumber)
        track.releaseDate = try fields.decodeIfPresent(Int.self, forKey: .releaseYear).map { String($0) }
        track.explicit = try fields.decodeIfPresent(Bool.self, forKey: .explicit)
        self.track = track
    }
}

/// What one peer answers.
private struct PeerResponse: Decodable {
    let username: String
    let hasFreeUploadSlot: Bool?
    let queueLength: Int?
    /// Bytes a second.
    let uploadSpeed: Int64?
    let files: [PeerFile]?
    let lockedFiles: [PeerFile]?

    var offers: [OfferedFile] {
        (files ?? []).map { offer($0, isLocked: $0.isLocked ?? false) }
            + (lockedFiles ?? []).map { offer($0, isLocked: true) }
    }

    private func offer(_ file: PeerFile, isLocked: Bool) -> OfferedFile {
        var offer = OfferedFile(source: "slskd", path: file.filename, size: file.size)
        offer.user = username
        offer.durationMS = file.length.map { $0.multipliedReportingOverflow(by: 1000).partialValue }
        offer.bitrateKbps = file.bitRate
        offer.isVariableBitrate = file.isVariableBitRate
        offer.bitDepth = file.bitDepth
        offer.sampleRate = file.sampleRate
        offer.isLocked = isLocked
        offer.peer = OfferingPeer(
            hasFreeSlot: hasFreeUploadSlot ?? false, queueLength: queueLength ?? 0, uploadSpeed: uploadSpeed ?? 0)
        return offer
    }
}

private struct PeerFile: Decodable {
    let filename: String
    let size: Int64
    let isLocked: Bool?
    let bitRate: Int?
    let isVariableBitRate: Bool?
    let bitDepth: Int?
    let sampleRate: Int?
    /// Seconds.
    let length: Int?
}
