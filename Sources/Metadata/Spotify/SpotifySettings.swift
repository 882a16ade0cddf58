/// The settings of Spotify's catalogue.
public struct SpotifySettings: Sendable, Equatable {
    /// The Web API with its version.
    public var apiURL = "https://api.spotify.com/v1"
    /// The country whose catalogue counts (ISO 3166-1 alpha-2); that of the account when `nil`.
    public var market: String?
    public var limits = ProviderLimits()

    public init() {}

    /// Reads `SPOTIFY_API_URL`, `SPOTIFY_MARKET` and `PROVIDER_SPOTIFY_…`. Who the app is, only its tokens need to know.
    ///
    /// - Parameters:
    ///   - text: a setting as it stands.
    ///   - integer: a setting, with its default, in a range.
    ///   - problem: makes the error for a setting and what is wrong with it.
    /// - Throws: what `integer` throws, and `problem`.
    public init(
        text: (String) -> String?, integer: (String, Int, ClosedRange<Int>) throws -> Int,
        problem: (String, String) -> any Error
    ) throws {
        if let url = text("SPOTIFY_API_URL") {
            guard WebAddress.isBase(url) else {
                throw problem("SPOTIFY_API_URL", "must be like https://api.spotify.com/v1")
            }
            apiURL = url
        }
        if let country = text("SPOTIFY_MARKET") {
            guard country.utf8.count == 2, country.allSatisfy({ $0.isASCII && $0.isUppercase }) else {
                throw problem("SPOTIFY_MARKET", "must be a country's two capital letters, such as SE")
            }
            market = country
        }
        limits = try ProviderLimits("spotify", integer: integer)
    }
}
