/// The body of `POST /api/v1/library/metadata`: corrected metadata for files of the library.
///
/// The move service stores the metadata in its index and does not change the files. The request is idempotent.
public struct LibraryMetadataRequest: Codable, Sendable, Equatable {
    public struct Item: Codable, Sendable, Equatable {
        /// The path, relative to the music folder.
        public var path: String
        /// The SHA-256 of the file that the metadata belongs to. An item whose file has changed is skipped.
        public var sha256: String
        public var track: Track
        /// The album in its catalogue, such as `spotify:album:<id>`.
        public var albumLink: String?

        public init(path: String, sha256: String, track: Track, albumLink: String? = nil) {
            self.path = path
            self.sha256 = sha256
            self.track = track
            self.albumLink = albumLink
        }

        enum CodingKeys: String, CodingKey {
            case path, sha256, track
            case albumLink = "album_link"
        }
    }

    public var items: [Item]

    public init(items: [Item]) { self.items = items }
}

/// The response to ``LibraryMetadataRequest``.
public struct LibraryMetadataResponse: Codable, Sendable, Equatable {
    /// The number of items that were stored.
    public var updated: Int
    /// The paths of files that no longer exist or have changed.
    public var skipped: [String]

    public init(updated: Int = 0, skipped: [String] = []) {
        self.updated = updated
        self.skipped = skipped
    }
}
