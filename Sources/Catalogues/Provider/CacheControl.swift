import HTTPClient

/// The directives of a response that decide how it is cached (RFC 9111).
struct CacheControl: Sendable, Equatable {
    /// Whether the response must not be stored.
    var isForbidden = false
    /// The time for which the response may be used without a request; `nil` when the response does not say.
    var maxAge: Duration?

    /// The longest accepted `max-age`.
    private static let longestAge = 31_536_000

    init(_ headers: HTTPHeaders) {
        for part in (headers["Cache-Control"] ?? "").lowercased().split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace && $0 != "\"" } }
            switch pair.first {
            case "no-store": isForbidden = true
            case "no-cache": maxAge = .zero
            case "max-age" where pair.count == 2:
                // A `no-cache` takes precedence.
                guard maxAge != .zero, let seconds = Int(pair[1]) else { continue }
                maxAge = .seconds(min(max(seconds, 0), Self.longestAge))
            default: continue
            }
        }
    }
}

/// The use of the cache for one request.
struct CacheRule: Sendable {
    /// Separates responses that differ by more than their URL, such as those for the app and for a user.
    var scope: String
    /// The time for which a response without directives is used without a request.
    var defaultAge: Duration = .zero
    /// Whether a stored response is used only after the provider has confirmed it.
    var isAlwaysValidated = false
}
