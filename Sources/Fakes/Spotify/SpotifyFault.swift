/// What can go wrong between a client and Spotify.
public enum SpotifyFault: Sendable, Equatable {
    /// 429 with this `Retry-After` in seconds; without the header when `nil`.
    case tooManyRequests(retryAfter: Int?)
    /// This status with a page of HTML, as a proxy sends it; an empty body when `html` is empty.
    case broken(status: Int, html: String)
    /// 200 with a body that breaks off.
    case cutShort
    /// Closes the connection without an answer.
    case refuses
    /// 401, as if the token had expired a moment ago.
    case expiredToken
}

/// A fault and where it happens.
struct SpotifyFaultRule: Sendable {
    let fault: SpotifyFault
    let path: String
    var times: Int?
}

/// A request that the stand-in got.
public struct SpotifyRequest: Sendable {
    public let method: String
    /// As sent, with its query.
    public let target: String
    public let startedAt: ContinuousClock.Instant
    /// What was sent as `If-None-Match`.
    public let condition: String?
    /// `nil` while it is worked on, and when the answer was lost.
    public var status: Int?

    /// Without the query.
    public var path: String { String(target.prefix { $0 != "?" }) }
}

extension SpotifyFixture {
    /// The fault that a request meets, used up by it.
    mutating func takeFault(_ call: FakeCall) -> SpotifyFault? {
        guard let index = faults.firstIndex(where: { call.target.hasPrefix($0.path) && $0.times != 0 }) else {
            return nil
        }
        if let times = faults[index].times { faults[index].times = times - 1 }
        return faults[index].fault
    }
}

extension SpotifyFault {
    /// `nil` when there is none.
    var answer: FakeResponse? {
        switch self {
        case .tooManyRequests(let seconds):
            var answer = FakeResponse.spotify(429, "API rate limit exceeded")
            if let seconds { answer.headers["Retry-After"] = "\(seconds)" }
            return answer
        case .broken(let status, let html):
            return FakeResponse(status: status, body: html.isEmpty ? .none : .plain(html))
        case .cutShort: return FakeResponse(status: 200, body: .plain(#"{"id":"#))
        case .refuses: return nil
        case .expiredToken: return .spotify(401, "The access token expired")
        }
    }
}
