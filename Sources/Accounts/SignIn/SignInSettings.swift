import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// The settings of sign-ins at Spotify.
struct SignInSettings: Sendable {
    /// `SPOTIFY_ACCOUNTS_URL`, default `https://accounts.spotify.com`, without a slash at its end.
    var accountsURL: String
    /// `SPOTIFY_REDIRECT_URI`, default `http://127.0.0.1:<APP_PORT>/callback`: the browser returns to the gateway, which
    /// forwards the request.
    var redirect: RedirectAddress
    /// `SPOTIFY_SCOPE`, separated by spaces.
    var scope: String

    static let callbackPath = "/callback"
    private static let defaultScope = "playlist-read-private playlist-read-collaborative user-library-read"

    init(_ raw: Settings) throws(SettingsError) {
        let url = raw.text("SPOTIFY_ACCOUNTS_URL", default: "https://accounts.spotify.com")
        guard WebAddress.isBase(url) else {
            throw SettingsError("SPOTIFY_ACCOUNTS_URL", "must be an absolute http or https address")
        }
        accountsURL = WebAddress.base(url)
        let port = raw.text("APP_PORT", default: "8080")
        do throws(RedirectAddress.Problem) {
            redirect = try RedirectAddress(
                raw.text("SPOTIFY_REDIRECT_URI", default: "http://127.0.0.1:\(port)\(Self.callbackPath)"))
        } catch {
            throw SettingsError("SPOTIFY_REDIRECT_URI", error.description)
        }
        scope = raw.text("SPOTIFY_SCOPE", default: Self.defaultScope)
    }
}
