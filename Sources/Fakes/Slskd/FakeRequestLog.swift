/// A request that the stand-in got.
public struct FakeRequest: Sendable {
    /// `nil` when no route fits.
    public let route: FakeRoute?
    public let method: String
    /// As sent, with its query.
    public let path: String
    public let startedAt: ContinuousClock.Instant
    public var endedAt: ContinuousClock.Instant?
    /// `nil` while it is worked on, and when the answer was lost.
    public var status: Int?
    /// How many requests to the same route were worked on when this one came, itself included.
    public let atOnce: Int
}

/// What was asked of the stand-in, in order; a value, taken at one moment.
public struct FakeRequestLog: Sendable {
    public internal(set) var requests: [FakeRequest] = []
    /// Files that clients asked to enqueue, in order, whatever came of it.
    public internal(set) var enqueued: [(username: String, filename: String)] = []

    /// The requests to a route.
    public func requests(to route: FakeRoute) -> [FakeRequest] { requests.filter { $0.route == route } }

    /// The highest number of requests to a route that were worked on at the same time.
    public func mostAtOnce(_ route: FakeRoute) -> Int { requests(to: route).map(\.atOnce).max() ?? 0 }

    /// The highest number of requests to a route that began within a window of this length.
    public func most(_ route: FakeRoute, within window: Duration) -> Int {
        let times = requests(to: route).map(\.startedAt).sorted()
        var first = times.startIndex
        return times.indices.reduce(0) { most, last in
            while times[last] - times[first] >= window { first += 1 }
            return max(most, last - first + 1)
        }
    }

    /// Requests that began sooner than `pause` after a 429 to the same route was answered: the client did not take the
    /// hint. What was worked on already when the 429 was answered does not count, nor what began within `reading` of it:
    /// that was on its way before the client can have read the answer.
    public func impatient(pause: Duration, reading: Duration = .zero) -> [FakeRequest] {
        let refused = requests.filter { $0.status == 429 }
        return requests.filter { request in
            refused.contains { refused in
                guard refused.route == request.route, let answered = refused.endedAt else { return false }
                return request.startedAt > answered + reading && request.startedAt < answered + pause
            }
        }
    }

    mutating func begin(_ method: String, _ path: String, _ route: FakeRoute?) -> Int {
        let running = requests.count { $0.route == route && $0.endedAt == nil }
        requests.append(
            FakeRequest(route: route, method: method, path: path, startedAt: .now, atOnce: running + 1))
        return requests.count - 1
    }

    mutating func end(_ index: Int, status: Int?) {
        requests[index].endedAt = .now
        requests[index].status = status
    }
}
