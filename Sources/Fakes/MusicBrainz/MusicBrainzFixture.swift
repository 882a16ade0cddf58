import Contracts

/// The content of a ``FakeMusicBrainz``.
public struct MusicBrainzFixture: Sendable {
    public var recordings: [MusicBrainzRecording] = []
    public var releases: [MusicBrainzRelease] = []

    public init() {}

    /// A part of ``SpotifyFixture/sample``, with the ISRC of a recording that has none there.
    public static let sample: MusicBrainzFixture = {
        var fixture = MusicBrainzFixture()
        fixture.add("Harbour Lights", by: "Lantern Row", on: "Night Ferry", ms: 214_200, isrcs: ["QZHDM1900001"])
        fixture.add("Undertow", by: "Lantern Row", on: "Night Ferry", ms: 243_000, isrcs: ["QZHDM1900005"])
        fixture.add("Река и мост", by: "Северный Причал", on: "Мосты", ms: nil, isrcs: ["RUHDM0300002"])
        return fixture
    }()
}

public struct MusicBrainzRecording: Sendable, Equatable {
    public var id: String
    public var title: String
    public var artist: String
    public var release: String
    public var lengthMS: Int?
    public var isrcs: [String]
}

public struct MusicBrainzRelease: Sendable, Equatable {
    public var id: String
    public var title: String
    public var artist: String
    public var date: String
    /// The id of the release group, which contains all editions.
    public var group: String
}

extension MusicBrainzFixture {
    public mutating func add(
        _ title: String, by artist: String, on release: String, ms: Int?, isrcs: [String], date: String = "2019-05-17"
    ) {
        if !releases.contains(where: { $0.title == release && $0.artist == artist }) {
            let id = Self.id(releases.count + 0x1000)
            releases.append(MusicBrainzRelease(id: id, title: release, artist: artist, date: date, group: id))
        }
        let releaseID = releases.last { $0.title == release && $0.artist == artist }?.id ?? ""
        recordings.append(
            MusicBrainzRecording(
                id: Self.id(recordings.count + 1), title: title, artist: artist, release: releaseID, lengthMS: ms,
                isrcs: isrcs))
    }

    /// Adds an edition of a release. It belongs to the same release group and has no recordings of its own.
    public mutating func addEdition(of title: String, by artist: String, date: String) {
        guard var edition = releases.first(where: { $0.title == title && $0.artist == artist }) else { return }
        edition.id = Self.id(releases.count + 0x1000)
        edition.date = date
        releases.append(edition)
    }

    /// Returns a UUID that depends only on the number.
    private static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "5f1b0a36-1c2d-4e3f-8a4b-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    func json(_ recording: MusicBrainzRecording, score: Int64? = nil) -> JSONValue {
        let references = releases.filter { $0.id == recording.release }.map(reference)
        var members: [String: JSONValue] = [
            "id": .string(recording.id), "title": .string(recording.title),
            "length": recording.lengthMS.json ?? .null, "artist-credit": credit(recording.artist),
            "releases": .array(references), "isrcs": .array(recording.isrcs.map { .string($0) }),
        ]
        if let score { members["score"] = .integer(score) }
        return .object(members)
    }

    func reference(_ release: MusicBrainzRelease) -> JSONValue {
        [
            "id": .string(release.id), "title": .string(release.title), "date": .string(release.date),
            "country": "XW", "status": "Official", "artist-credit": credit(release.artist),
            "release-group": groupJSON(release),
        ]
    }

    /// Returns the release group of its first release.
    func groupJSON(_ release: MusicBrainzRelease) -> JSONValue {
        [
            "id": .string(release.group), "title": .string(release.title), "primary-type": "Album",
            "secondary-types": [], "first-release-date": .string(release.date),
            "artist-credit": credit(release.artist),
        ]
    }

    func full(_ release: MusicBrainzRelease) -> JSONValue {
        let list = recordings.filter { $0.release == release.id }
        let tracks = list.enumerated().map { index, recording -> JSONValue in
            [
                "position": .integer(Int64(index) + 1), "number": .string("\(index + 1)"),
                "title": .string(recording.title), "length": recording.lengthMS.json ?? .null,
                "recording": json(recording),
            ]
        }
        guard case .object(var members) = reference(release) else { return .null }
        members["barcode"] = "0190000000024"
        members["media"] = [
            ["position": 1, "format": "CD", "track-count": .integer(Int64(tracks.count)), "tracks": .array(tracks)]
        ]
        return .object(members)
    }

    private func credit(_ artist: String) -> JSONValue {
        [
            [
                "name": .string(artist), "joinphrase": "",
                "artist": ["id": .string(artistID(artist)), "name": .string(artist)],
            ]
        ]
    }

    func artistID(_ name: String) -> String {
        let names = releases.map(\.artist)
        return Self.id(0x9000 + (names.firstIndex(of: name) ?? 0))
    }
}
