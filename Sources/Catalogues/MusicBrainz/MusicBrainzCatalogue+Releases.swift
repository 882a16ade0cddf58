extension MusicBrainzCatalogue {
    /// Precedes the id of a release group in the id of an album.
    static let groupPrefix = "release-group/"

    public func album(_ id: String) async throws -> CatalogueAlbum {
        guard let album = CatalogueAlbum(try await release(id)) else {
            throw CatalogueError.notFound("the release \(id)")
        }
        return album
    }

    /// Returns all tracks on one page, because a release is one response.
    public func tracks(ofAlbum id: String, from offset: Int) async throws -> CataloguePage<CatalogueTrack> {
        let release = try await release(id)
        let tracks = release.media.flatMap { medium in
            medium.tracks.compactMap { $0.track(on: medium, of: release) }
        }
        return CataloguePage(entries: Array(tracks.dropFirst(offset)), next: nil, total: tracks.count)
    }

    /// - Parameter id: The id of a release, or of a release group with its prefix.
    private func release(_ id: String) async throws -> MusicBrainzReleaseObject {
        if id.hasPrefix(Self.groupPrefix) {
            return try await release(try await chosenRelease(ofGroup: String(id.dropFirst(Self.groupPrefix.count))))
        }
        return try await get(
            ["release", id], [("inc", "recordings artist-credits isrcs release-groups")],
            subject: "the release \(id)")
    }

    /// Returns the id of the release that represents a group: the first official one, else the first one.
    /// - Throws: ``CatalogueError/notFound(_:)`` when the group is unknown or empty.
    private func chosenRelease(ofGroup id: String) async throws -> String {
        let subject = "the release group \(id)"
        let page: MusicBrainzReleases = try await get(
            ["release"], [("release-group", id), ("limit", "100")], subject: subject)
        let releases = page.releases.filter { $0.id != nil }
        let official = releases.filter { $0.status == "Official" }
        let first = (official.isEmpty ? releases : official).min { Self.order($0) < Self.order($1) }
        guard let chosen = first?.id else { throw CatalogueError.notFound(subject) }
        return chosen
    }

    /// The sort key of a release: by date, then by id, so that the choice is always the same.
    private static func order(_ release: MusicBrainzReleaseObject) -> (String, String) {
        // A year without a day sorts behind the days of that year; a missing date sorts last.
        (release.date.flatMap { $0.isEmpty ? nil : $0 + "-99" } ?? "9", release.id ?? "")
    }
}

extension MusicBrainzReleaseObject.Position {
    fileprivate func track(
        on medium: MusicBrainzReleaseObject.Medium, of release: MusicBrainzReleaseObject
    ) -> CatalogueTrack? {
        guard var object = recording else { return nil }
        if object.credit.isEmpty { object.credit = release.credit }
        object.releases = []
        guard var track = CatalogueTrack(object) else { return nil }
        track.name = title.filled ?? track.name
        track.durationMS = length ?? track.durationMS
        track.discNumber = medium.position
        track.trackNumber = position
        return track
    }
}
