import CoreMetrics
import Metadata

/// What is measured about signing in at Spotify.
enum OAuthMetrics {
    /// Counts requests for tokens by what became of them.
    static func renewed(_ access: SpotifyAccess, _ outcome: String) {
        Counter(
            label: "hdm_spotify_token_requests_total", dimensions: [("access", access.rawValue), ("outcome", outcome)]
        ).increment()
    }

    /// Counts sign-ins by how they ended.
    static func signedIn(_ outcome: String) {
        Counter(label: "hdm_spotify_sign_ins_total", dimensions: [("outcome", outcome)]).increment()
    }
}

extension SpotifyAccountsError {
    /// One word for a metric's label.
    var word: String {
        switch self {
        case .refused: "refused"
        case .limited: "limited"
        case .unreachable: "unreachable"
        case .unusable: "unusable"
        }
    }
}
