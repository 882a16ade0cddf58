import HTTPClient

/// The settings of Spotify's catalogue.
public struct SpotifySettings: Sendable, Equatable {
    /// The address of the Web API, with its version.
    public var apiURL = "https://api.spotify.com/v1"
    /// The country whose catalogue is used (ISO 3166-1 alpha-2); `nil` for the country of the account.
    public var market: String?
    public var limits = ProviderLimits()
    public var releaseLimit = ReleaseLimit()

    public init() {}

    /// Reads `SPOTIFY_API_URL`, `SPOTIFY_MARKET` and `PROVIDER_SPOTIFY_…`.
    ///
    /// - Parameters:
    ///   - text: Returns the value of a setting.
    ///   - integer: Returns the value of a setting, with a default, in a range.
    ///   - problem: Makes the error for a setting and its problem.
    /// - Throws: What `integer` throws, and the error of `problem`.
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
