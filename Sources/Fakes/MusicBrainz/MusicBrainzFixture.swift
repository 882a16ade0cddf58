import Contracts

/// What a stand-in for MusicBrainz knows.
public struct MusicBrainzFixture: Sendable {
    public var recordings: [MusicBrainzRecording] = []
    public var releases: [MusicBrainzRelease] = []

    public init() {}

    /// Some of what ``SpotifyFixture/sample`` has, and one recording that Spotify has without its code.
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
}

extension MusicBrainzFixture {
    public mutating func add(
        _ title: String, by artist: String, on release: String, ms: Int?, isrcs: [String], date: String = "2019-05-17"
    ) {
        if !releases.contains(where: { $0.title == release && $0.artist == artist }) {
            let id = Self.id(releases.count + 0x1000)
            releases.append(MusicBrainzRelease(id: id, title: release, artist: artist, date: date))
        }
        let home = releases.last { $0.title == release && $0.artist == artist }?.id ?? ""
        recordings.append(
            MusicBrainzRecording(
                id: Self.id(recordings.count + 1), title: title, artist: artist, release: home, lengthMS: ms,
                isrcs: isrcs))
    }

    /// A UUID, always the same for a number.
    private static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "5f1b0a36-1c2d-4e3f-8a4b-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    func json(_ recording: MusicBrainzRecording, score: Int64? = nil) -> JSONValue {
        let homes = releases.filter { $0.id == recording.release }.map(reference)
        var members: [String: JSONValue] = [
            "id": .string(recording.id), "title": .string(recording.title),
            "length": recording.lengthMS.json ?? .null, "artist-credit": credit(recording.artist),
            "releases": .array(homes), "isrcs": .array(recording.isrcs.map { .string($0) }),
        ]
        if let score { members["score"] = .integer(score) }
        return .object(members)
    }

    func reference(_ release: MusicBrainzRelease) -> JSONValue {
        [
            "id": .string(release.id), "title": .string(release.title), "date": .string(release.date),
            "country": "XW", "status": "Official", "artist-credit": credit(release.artist),
            "release-group": ["id": .string(release.id), "primary-type": "Album", "secondary-types": []],
        ]
    }

    func full(_ release: MusicBrainzRelease) -> JSONValue {
        let list = recordings.filter { $0.release == release.id }
        let tracks = list.enumerated().map { place, recording -> JSONValue in
            [
                "position": .integer(Int64(place) + 1), "number": .string("\(place + 1)"),
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
