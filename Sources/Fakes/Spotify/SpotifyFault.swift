/// A failure between a client and Spotify.
public enum SpotifyFault: Sendable, Equatable {
    /// 429 with this `Retry-After` in seconds; `nil` for no such header.
    case tooManyRequests(retryAfter: Int?)
    /// This status with a page of HTML, as sent by a proxy; an empty body if `html` is empty.
    case broken(status: Int, html: String)
    /// 200 with an incomplete body.
    case cutShort
    /// Closes the connection without a response.
    case refuses
    /// 401, as for an expired token.
    case expiredToken
}

/// A fault and the requests that it affects.
struct SpotifyFaultRule: Sendable {
    let fault: SpotifyFault
    let path: String
    var times: Int?
}

/// A request to the fake.
public struct SpotifyRequest: Sendable {
    public let method: String
    /// The path and the query, as sent.
    public let target: String
    public let startedAt: ContinuousClock.Instant
    /// The value of `If-None-Match`.
    public let condition: String?
    /// `nil` while the request is processed, and if the response was lost.
    public var status: Int?

    /// The path without the query.
    public var path: String { String(target.prefix { $0 != "?" }) }
}

extension SpotifyFixture {
    /// Returns the fault for a request, and counts the request.
    mutating func nextFault(_ call: FakeCall) -> SpotifyFault? {
        guard let index = faults.firstIndex(where: { call.target.hasPrefix($0.path) && $0.times != 0 }) else {
            return nil
        }
        if let times = faults[index].times { faults[index].times = times - 1 }
        return faults[index].fault
    }
}

extension SpotifyFault {
    /// The response; `nil` if there is none.
    var response: FakeResponse? {
        switch self {
        case .tooManyRequests(let seconds):
            var response = FakeResponse.spotify(429, "API rate limit exceeded")
            if let seconds { response.headers["Retry-After"] = "\(seconds)" }
            return response
        case .broken(let status, let html):
            return FakeResponse(status: status, body: html.isEmpty ? .none : .plain(html))
        case .cutShort: return FakeResponse(status: 200, body: .plain(#"{"id":"#))
        case .refuses: return nil
        case .expiredToken: return .spotify(401, "The access token expired")
        }
    }
}
