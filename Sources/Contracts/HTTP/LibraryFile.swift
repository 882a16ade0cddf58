/// A file of the library, as `GET /api/v1/library` of the move service returns it.
public struct LibraryFile: Codable, Sendable, Equatable {
    /// The path, relative to the music folder.
    public var path: String
    /// The SHA-256 of the file's contents, by which a change of the file is detected.
    public var sha256: String
    /// The job that brought the file.
    public var jobID: String?
    /// The time at which the file was recorded, as in RFC 3339.
    public var addedAt: String?
    /// The recording in the file; `nil` if it is unknown.
    public var track: Track?
    /// The album in its catalogue, such as `spotify:album:<id>`; `nil` until it is found.
    public var albumLink: String?

    public init(
        path: String, sha256: String, jobID: String? = nil, addedAt: String? = nil, track: Track? = nil,
        albumLink: String? = nil
    ) {
        self.path = path
        self.sha256 = sha256
        self.jobID = jobID
        self.addedAt = addedAt
        self.track = track
        self.albumLink = albumLink
    }

    enum CodingKeys: String, CodingKey {
        case path, sha256, track
        case jobID = "job_id"
        case addedAt = "added_at"
        case albumLink = "album_link"
    }
}

/// A page of the library, sorted by path.
public struct LibraryPage: Codable, Sendable, Equatable {
    public var items: [LibraryFile]
    /// The path after which the next page begins; `nil` on the last page.
    public var next: String?

    public init(items: [LibraryFile], next: String? = nil) {
        self.items = items
        self.next = next
    }
}
