/// An object of a catalogue, given by a URL or by a URI such as `spotify:playlist:…`.
public struct CatalogueLink: Sendable, Hashable, CustomStringConvertible {
    public enum Catalogue: String, Codable, Sendable, CaseIterable {
        case spotify, musicbrainz
    }

    public enum Kind: String, Codable, Sendable, CaseIterable {
        case track, album, playlist, artist
        /// The signed-in user's saved tracks.
        case saved
    }

    public let catalogue: Catalogue
    public let kind: Kind
    /// The catalogue's id; empty for the saved tracks. The id of a MusicBrainz release group is `release-group/<id>`.
    public let id: String

    init(_ catalogue: Catalogue, _ kind: Kind, _ id: String) {
        self.catalogue = catalogue
        self.kind = kind
        self.id = id
    }

    /// Reads a link, with or without white space around it.
    /// - Throws: ``CatalogueLinkError``.
    public init(_ text: String) throws(CatalogueLinkError) {
        let text = text.trimmingPrefix { $0.isWhitespace }.trimmingSuffix { $0.isWhitespace }
        guard !text.isEmpty else { throw CatalogueLinkError(.empty, "the link is empty") }
        guard text.utf8.count <= 2048 else {
            throw CatalogueLinkError(.invalidScheme, "the link is longer than 2048 bytes")
        }
        self = try text.contains("://") ? Self.read(url: text) : Self.read(uri: text)
    }

    /// Returns whether a text begins like a link; the link need not be valid.
    public static func looksLikeLink(_ text: String) -> Bool {
        let text = text.trimmingPrefix { $0.isWhitespace }.lowercased()
        return ["http://", "https://", "spotify:", "musicbrainz:"].contains { text.hasPrefix($0) }
    }

    /// The link in its canonical form: `spotify:playlist:<id>`, `spotify:saved`,
    /// `musicbrainz:release-group:<id>`.
    public var description: String {
        if kind == .saved { return "\(catalogue.rawValue):saved" }
        guard catalogue == .musicbrainz else { return "\(catalogue.rawValue):\(kind.rawValue):\(id)" }
        if let group = id.releaseGroup { return "musicbrainz:release-group:\(group)" }
        return "musicbrainz:\(kind.musicBrainzEntity):\(id)"
    }
}

/// The reason why a text is not a link into a catalogue. The codes are a public contract.
public struct CatalogueLinkError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case empty = "EMPTY"
        case invalidScheme = "INVALID_SCHEME"
        case unsupportedHost = "UNSUPPORTED_HOST"
        /// The link names an object without tracks, such as an episode or a user.
        case unsupportedKind = "UNSUPPORTED_KIND"
        case invalidPlaylistID = "INVALID_PLAYLIST_ID"
        /// The id of another object is malformed.
        case invalidID = "INVALID_ID"
    }

    public let code: Code
    /// The problem, as a sentence without a full stop.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

// MARK: - Reading

extension CatalogueLink {
    private static func read(url text: Substring) throws(CatalogueLinkError) -> CatalogueLink {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw CatalogueLinkError(.invalidScheme, "a link begins with https://, spotify: or musicbrainz:")
        }
        let rest = text.dropFirst(scheme.count + 3).prefix { $0 != "?" && $0 != "#" }
        let parts = rest.split(separator: "/")
        switch parts.first?.lowercased() ?? "" {
        case "open.spotify.com", "play.spotify.com": return try spotify(parts.dropFirst().withoutDecoration)
        case "musicbrainz.org", "www.musicbrainz.org", "beta.musicbrainz.org":
            return try musicBrainz(Array(parts.dropFirst()))
        default:
            throw CatalogueLinkError(.unsupportedHost, "the host must be open.spotify.com or musicbrainz.org")
        }
    }

    private static func read(uri text: Substring) throws(CatalogueLinkError) -> CatalogueLink {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts[0].lowercased() {
        case "spotify" where parts.count > 1: return try spotify(Array(parts.dropFirst()))
        case "musicbrainz" where parts.count > 1: return try musicBrainz(Array(parts.dropFirst()))
        default: throw CatalogueLinkError(.invalidScheme, "a link begins with https://, spotify: or musicbrainz:")
        }
    }

    private static func spotify(_ parts: [Substring]) throws(CatalogueLinkError) -> CatalogueLink {
        // Links of old clients contain the owner: user/<name>/playlist/<id>.
        let parts = parts.first == "user" && parts.count > 2 ? Array(parts.dropFirst(2)) : parts
        let word = parts.first.map(String.init) ?? ""
        if word == "saved" || (word == "collection" && (parts.count == 1 || parts[1] == "tracks")) {
            return CatalogueLink(.spotify, .saved, "")
        }
        guard let kind = Kind(rawValue: word), kind != .saved else {
            throw CatalogueLinkError(
                .unsupportedKind, "the link must name a track, an album, a playlist, an artist or the saved tracks")
        }
        guard parts.count == 2, parts[1].isBase62ID else { throw malformed(kind, "an id has 22 letters and digits") }
        return CatalogueLink(.spotify, kind, String(parts[1]))
    }

    private static func musicBrainz(_ parts: [Substring]) throws(CatalogueLinkError) -> CatalogueLink {
        let word = parts.first.map(String.init) ?? ""
        let kinds: [String: Kind] = [
            "recording": .track, "release": .album, "release-group": .album, "artist": .artist,
        ]
        guard let kind = kinds[word] else {
            throw CatalogueLinkError(
                .unsupportedKind, "the link must name a recording, a release, a release group or an artist")
        }
        guard parts.count > 1, parts[1].isUUID else { throw malformed(kind, "an id is a UUID") }
        let id = parts[1].lowercased()
        return CatalogueLink(.musicbrainz, kind, word == "release-group" ? "release-group/\(id)" : id)
    }

    private static func malformed(_ kind: Kind, _ rule: String) -> CatalogueLinkError {
        CatalogueLinkError(kind == .playlist ? .invalidPlaylistID : .invalidID, "the id is malformed: \(rule)")
    }
}

extension CatalogueLink.Kind {
    fileprivate var musicBrainzEntity: String {
        switch self {
        case .track: "recording"
        case .album: "release"
        case .artist, .playlist, .saved: rawValue
        }
    }
}

extension ArraySlice<Substring> {
    /// The path without the parts before the kind: a language (`intl-de`), `embed`.
    fileprivate var withoutDecoration: [Substring] {
        Array(drop { $0.hasPrefix("intl-") || $0 == "embed" })
    }
}

extension StringProtocol {
    fileprivate var releaseGroup: String? {
        hasPrefix("release-group/") ? String(dropFirst("release-group/".count)) : nil
    }

    fileprivate var isBase62ID: Bool {
        utf8.count == 22 && unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic || $0.isDigit }
    }

    fileprivate var isUUID: Bool {
        String(self).wholeMatch(of: /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/) != nil
    }

    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
        guard let last = lastIndex(where: { !predicate($0) }) else { return self[endIndex...] }
        return self[...last]
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
