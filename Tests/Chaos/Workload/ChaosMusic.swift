import AudioFiles
import Contracts
import Fakes
import Foundation

/// The tracks of a run and their files. No two files have the same content, so that each file of the library shows
/// which one it was made of.
struct ChaosMusic: Sendable {
    private let tracks: [Track]
    /// The files that peers of slskd share.
    let shared: [SlskdSharedFile]

    /// Writes the files of the requests.
    init(_ requests: [Workload.Request], source: URL, shared folder: URL) throws {
        tracks = requests.map { Self.track($0) }
        var shared: [SlskdSharedFile] = []
        for request in requests {
            if let file = try Self.write(request, source, folder), request.kind == .slskd {
                shared.append(try .audio(file, as: Self.sharedPath(Self.track(request))))
            }
        }
        self.shared = shared
        // The folder source needs a file to be ready.
        try AudioFixture.mp3.copy(to: source, named: "unrelated/Some Band - Another Song")
    }

    func track(_ number: Int) -> Track { tracks[number] }

    static func track(_ request: Workload.Request) -> Track {
        let title = title(request.track)
        var track: Track
        switch request.kind {
        case .folder:
            track = Track(artist: "The Tape Loops", title: title, album: "Reel \(words[request.track % 20])")
            track.isrc = String(format: "QZHDM99%05d", request.track)
        case .slskd:
            track = Track(artist: "The Paper Orchard", title: title, album: "Tide \(words[request.track % 20])")
        case .absent: track = Track(artist: "Nobody \(title)", title: "Unwritten")
        case .approved, .rejected: track = Track(artist: "Nora Vale", title: title)
        }
        track.trackNumber = request.track % 90 + 1
        if request.kind == .slskd { track.durationMS = AudioFixture.flac.durationMS }
        return track
    }

    /// Three words, so that titles differ clearly.
    private static func title(_ number: Int) -> String {
        "\(words[number % 20]) \(places[number / 20 % 20]) \(forms[number / 400 % 10])"
    }

    private static func sharedPath(_ track: Track) -> String {
        #"@@music\Music\\#(track.artist)\\#(track.album ?? "")\\#(track.trackNumber ?? 0) - \#(track.title).flac"#
    }

    /// - Returns: The file; `nil` if no source has one.
    private static func write(_ request: Workload.Request, _ source: URL, _ shared: URL) throws -> URL? {
        let track = track(request)
        var tags = AudioTags()
        (tags.artist, tags.title, tags.album, tags.isrc) = (track.artist, track.title, track.album, track.isrc)
        let file: URL
        switch request.kind {
        case .absent: return nil
        case .folder:
            let name = "incoming/\(request.track % 7)/file \(request.track)"
            file = try AudioFixture.copyWithRealisticSize(to: source, named: name, tags: tags)
        case .slskd:
            let name = "\(track.album ?? "")/\(request.track)"
            file = try AudioFixture.copyWithRealisticSize(to: shared, named: name, tags: tags)
        case .approved, .rejected:
            tags.artist = "Otto Reim"
            let name = "doubtful/\(track.artist)/\(track.artist) - \(track.title)"
            file = try AudioFixture.copyWithRealisticSize(to: source, named: name, tags: tags)
        }
        try ContentMark.write(request.track, to: file)
        return file
    }

    private static let words = [
        "Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Island", "Jade", "Kelp", "Lantern",
        "Meadow", "Nettle", "Ochre", "Pebble", "Quartz", "Raven", "Saffron", "Thistle",
    ]
    private static let places = [
        "Avenue", "Bridge", "Canal", "District", "Estuary", "Factory", "Garden", "Hotel", "Junction", "Kitchen",
        "Library", "Market", "Nursery", "Observatory", "Pier", "Quarry", "Railway", "Station", "Tower", "University",
    ]
    private static let forms = [
        "Anthem", "Ballad", "Chorale", "Dirge", "Etude", "Fugue", "Gavotte", "Hymn", "Interlude", "Lullaby",
    ]
}
