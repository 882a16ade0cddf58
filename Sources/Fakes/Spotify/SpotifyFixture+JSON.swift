import Contracts
import Foundation

extension SpotifyFixture {
    /// Returns a track as in `/tracks/{id}`.
    func json(_ track: SpotifyTrack) -> JSONValue {
        var members = simplified(track)
        members["album"] = albums.first { $0.id == track.albumID }.map { .object(simplified($0)) }
        members["external_ids"] = .members(["isrc": track.isrc.json])
        if !isInDevelopmentMode {
            members["popularity"] = 42
            members["available_markets"] = ["DE", "SE"]
        }
        return .object(members)
    }

    /// Returns a track as in the list of an album: without album and external ids.
    func simplified(_ track: SpotifyTrack) -> [String: JSONValue] {
        [
            "id": .string(track.id), "uri": .string("spotify:track:\(track.id)"), "type": "track",
            "name": .string(track.name), "artists": .array(track.artistIDs.map(reference)),
            "duration_ms": .integer(Int64(track.durationMS)), "disc_number": .integer(Int64(track.discNumber)),
            "track_number": .integer(Int64(track.trackNumber)), "explicit": .bool(track.isExplicit),
            "is_local": false, "is_playable": .bool(track.isPlayable), "preview_url": .null,
        ]
    }

    /// Returns an album as in tracks and artists.
    func simplified(_ album: SpotifyAlbum) -> [String: JSONValue] {
        let precision = ["year", "month", "day"][min(album.releaseDate.count { $0 == "-" }, 2)]
        let images: [JSONValue] =
            album.hasArtwork ? [640, 300, 64].map { image(album, $0) } : []
        return [
            "id": .string(album.id), "uri": .string("spotify:album:\(album.id)"), "type": "album",
            "name": .string(album.name), "album_type": .string(album.type),
            "artists": .array(album.artistIDs.map(reference)), "release_date": .string(album.releaseDate),
            "release_date_precision": .string(precision), "images": .array(images),
            "total_tracks": .integer(Int64(tracks.count { $0.albumID == album.id })),
        ]
    }

    /// Returns an artist as in tracks and albums.
    func reference(_ id: String) -> JSONValue {
        let name = artists.first { $0.id == id }?.name ?? ""
        return ["id": .string(id), "uri": .string("spotify:artist:\(id)"), "type": "artist", "name": .string(name)]
    }

    /// Returns a playlist without its entries. Only its owner sees their number.
    func json(_ playlist: SpotifyPlaylist, to user: String?) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(playlist.id), "uri": .string("spotify:playlist:\(playlist.id)"), "type": "playlist",
            "name": .string(playlist.name), "public": false, "collaborative": false,
            "snapshot_id": .string("snapshot-\(playlist.snapshot)"),
            "owner": ["id": .string(playlist.owner), "display_name": .string(playlist.owner)],
        ]
        if playlist.owner == user {
            members["items"] = ["href": "", "total": .integer(Int64(playlist.entries.count))]
        }
        return .object(members)
    }

    /// Returns an entry of a list.
    func json(_ entry: SpotifyListEntry) -> JSONValue {
        switch entry {
        case .track(let id): return find(track: id).map(json) ?? .null
        case .gone: return .null
        case .episode(let name):
            return ["type": "episode", "id": .string(Self.id(name)), "name": .string(name), "duration_ms": 1_800_000]
        case .withoutID(let id):
            guard case .object(var members) = find(track: id).map(json) ?? .null else { return .null }
            members["id"] = .null
            return .object(members)
        case .local(let artist, let title, let album, let seconds):
            return local(artist, title, album, seconds)
        }
    }

    private func image(_ album: SpotifyAlbum, _ width: Int64) -> JSONValue {
        [
            "url": .string("https://images.example/\(width)/\(album.id)"), "width": .integer(width),
            "height": .integer(width),
        ]
    }

    private func local(_ artist: String, _ title: String, _ album: String, _ seconds: Int) -> JSONValue {
        let parts = [artist, title, album].map {
            ($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "").replacing("%20", with: "+")
        }
        return [
            "id": .null, "type": "track", "is_local": true, "name": .string(title),
            "uri": .string("spotify:local:\(parts.joined(separator: ":")):\(seconds)"),
            "artists": [["id": .null, "name": .string(artist)]],
            "album": ["id": .null, "name": .string(album), "release_date": .null, "images": [], "artists": []],
            "duration_ms": .integer(Int64(seconds) * 1000), "external_ids": [:], "disc_number": 0, "track_number": 0,
        ]
    }

    func find(track id: String) -> SpotifyTrack? { tracks.first { $0.id == relinked[id] ?? id } }
}
