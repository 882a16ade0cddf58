/// A request to the fake.
public struct FakeRequest: Sendable {
    /// `nil` if no route matches.
    public let route: FakeRoute?
    public let method: String
    /// The path and the query, as sent.
    public let path: String
    public let startedAt: ContinuousClock.Instant
    public var endedAt: ContinuousClock.Instant?
    /// `nil` while the request is processed, and if the response was lost.
    public var status: Int?
    /// The number of requests to the same route in progress when this one began, including this one.
    public let concurrency: Int
}

/// The requests to the fake, in order, at one moment.
public struct FakeRequestLog: Sendable {
    public internal(set) var requests: [FakeRequest] = []
    /// The files that clients tried to enqueue, in order.
    public internal(set) var enqueued: [(username: String, filename: String)] = []

    /// Returns the requests to a route.
    public func requests(to route: FakeRoute) -> [FakeRequest] { requests.filter { $0.route == route } }

    /// Returns the highest number of requests to a route at the same time.
    public func highestConcurrency(_ route: FakeRoute) -> Int { requests(to: route).map(\.concurrency).max() ?? 0 }

    /// Returns the highest number of requests to a route that began within a window of this length.
    public func highestCount(_ route: FakeRoute, within window: Duration) -> Int {
        let times = requests(to: route).map(\.startedAt).sorted()
        var first = times.startIndex
        return times.indices.reduce(0) { most, last in
            while times[last] - times[first] >= window { first += 1 }
            return max(most, last - first + 1)
        }
    }

    /// Returns the requests that began sooner than `pause` after a 429 on the same route.
    /// - Parameter reading: The time after a 429 in which requests do not count, because the client cannot have read
    ///   the response yet. Requests that were in progress do not count either.
    public func earlyRetries(pause: Duration, reading: Duration = .zero) -> [FakeRequest] {
        let refused = requests.filter { $0.status == 429 }
        return requests.filter { request in
            refused.contains { refused in
                guard refused.route == request.route, let refusedAt = refused.endedAt else { return false }
                return request.startedAt > refusedAt + reading && request.startedAt < refusedAt + pause
            }
        }
    }

    mutating func begin(_ method: String, _ path: String, _ route: FakeRoute?) -> Int {
        let running = requests.count { $0.route == route && $0.endedAt == nil }
        requests.append(
            FakeRequest(route: route, method: method, path: path, startedAt: .now, concurrency: running + 1))
        return requests.count - 1
    }

    mutating func end(_ index: Int, status: Int?) {
        requests[index].endedAt = .now
        requests[index].status = status
    }
}
