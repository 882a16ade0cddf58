extension MusicBrainzCatalogue {
    /// What stands before the id of a release group where a release's id is expected.
    static let groupMark = "release-group/"

    /// The release that stands for a release group: the first official one, else the first one of all.
    /// - Throws: ``CatalogueError`` `.notFound` when the group is unknown or empty.
    func chosenRelease(ofGroup id: String) async throws -> String {
        let subject = "the release group \(id)"
        let page: MusicBrainzReleases = try await get(
            ["release"], [("release-group", id), ("limit", "100")], subject: subject)
        let releases = page.releases.filter { $0.id != nil }
        let official = releases.filter { $0.status == "Official" }
        let first = (official.isEmpty ? releases : official).min { Self.age($0) < Self.age($1) }
        guard let chosen = first?.id else { throw CatalogueError.notFound(subject) }
        return chosen
    }

    /// By what the first one comes first; of two of one day always the same.
    private static func age(_ release: MusicBrainzReleaseObject) -> (String, String) {
        // A year alone says less than a day in that year, and no date nothing.
        (release.date.flatMap { $0.isEmpty ? nil : $0 + "-99" } ?? "9", release.id ?? "")
    }
}
