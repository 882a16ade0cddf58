import CoreMetrics

/// The metrics of sign-ins and token requests.
enum OAuthMetrics {
    /// Counts requests for tokens by their outcome.
    static func countRenewal(_ access: SpotifyAccess, _ outcome: String) {
        Counter(
            label: "hdm_spotify_token_requests_total", dimensions: [("access", access.rawValue), ("outcome", outcome)]
        ).increment()
    }

    /// Counts sign-ins by their outcome.
    static func countSignIn(_ outcome: String) {
        Counter(label: "hdm_spotify_sign_ins_total", dimensions: [("outcome", outcome)]).increment()
    }
}

extension SpotifyAccountsError {
    /// The value for the label `outcome` of a metric.
    var label: String {
        switch self {
        case .refused: "refused"
        case .limited: "limited"
        case .unreachable: "unreachable"
        case .unusable: "unusable"
        }
    }
}
