/// What can go wrong between a client and slskd; durations are real time, for they meet the client's own clocks.
public enum FakeFault: Sendable, Equatable {
    /// Does the work and answers, but late: perhaps when the client has given up.
    case answersLate(Duration)
    /// Does the work only after a while.
    case worksLate(Duration)
    /// Does the work and closes the connection without an answer.
    case losesAnswer
    /// Closes the connection without doing anything.
    case refuses
    /// CannedResponses this status with a JSON string and does nothing; 401 has no body.
    case answers(status: Int)
}

/// A fault and where it happens.
struct FakeFaultRule: Sendable {
    let fault: FakeFault
    let routes: Set<FakeRoute>
    var times: Int?

    func concerns(_ route: FakeRoute) -> Bool { routes.isEmpty || routes.contains(route) }
}

/// What happens to a file between `Completed, Succeeded` and its place.
public enum FakeMoveFault: Sendable, Equatable {
    /// The move fails: the state stays, the exception says this.
    case fails(String)
    /// Somebody removes the file right after the move, before anyone hears of it.
    case vanishes
}
