import Contracts
import Foundation
import Metadata
import ServiceKit

/// The settings of signing in at Spotify.
struct SignInSettings: Sendable {
    /// `SPOTIFY_ACCOUNTS_URL`, default `https://accounts.spotify.com`, without a slash at its end.
    var accountsURL: String
    /// `SPOTIFY_REDIRECT_URI`, default `http://127.0.0.1:<APP_PORT>/callback`.
    var redirect: RedirectAddress
    /// `SPOTIFY_SCOPE`, separated by spaces.
    var scope: String

    static let callbackPath = "/callback"
    private static let scope = "playlist-read-private playlist-read-collaborative user-library-read"

    init(_ raw: Settings, port: Int) throws(SettingsError) {
        let url = raw.text("SPOTIFY_ACCOUNTS_URL", default: "https://accounts.spotify.com")
        guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else { throw SettingsError("SPOTIFY_ACCOUNTS_URL", "must be an absolute http or https address") }
        accountsURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        do throws(RedirectAddress.Problem) {
            redirect = try RedirectAddress(
                raw.text("SPOTIFY_REDIRECT_URI", default: "http://127.0.0.1:\(port)\(Self.callbackPath)"))
        } catch {
            throw SettingsError("SPOTIFY_REDIRECT_URI", error.description)
        }
        scope = raw.text("SPOTIFY_SCOPE", default: Self.scope)
    }
}
