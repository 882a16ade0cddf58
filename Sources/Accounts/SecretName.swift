/// The secrets that HDM stores. The raw values are the names of settings.
public enum SecretName: String, Codable, Sendable, CaseIterable {
    case spotifyClientID = "SPOTIFY_CLIENT_ID"
    case spotifyClientSecret = "SPOTIFY_CLIENT_SECRET"
    case slskdAPIKey = "SLSKD_API_KEY"

    /// Returns why a value is invalid, or `nil` when it is valid.
    ///
    /// The text continues a sentence that begins with the secret's name. It does not contain the value.
    public func problem(with value: String) -> String? {
        guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "must be visible ASCII characters, without spaces and line ends"
        }
        return switch self {
        case .slskdAPIKey: (16...255).contains(value.utf8.count) ? nil : "must be 16 to 255 characters"
        default: (1...255).contains(value.utf8.count) ? nil : "must be 1 to 255 characters; null removes it"
        }
    }
}
