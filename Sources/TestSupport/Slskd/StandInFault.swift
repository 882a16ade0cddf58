/// What can go wrong between a client and slskd; durations are real time, for they meet the client's own clocks.
public enum StandInFault: Sendable, Equatable {
    /// Does the work and answers, but late: perhaps when the client has given up.
    case answersLate(Duration)
    /// Does the work only after a while.
    case worksLate(Duration)
    /// Does the work and closes the connection without an answer.
    case losesAnswer
    /// Closes the connection without doing anything.
    case refuses
    /// Answers this status with a JSON string and does nothing; 401 has no body.
    case answers(status: Int)
}

/// A fault and where it happens.
struct StandInFaultRule: Sendable {
    let fault: StandInFault
    let routes: Set<StandInRoute>
    var times: Int?

    func concerns(_ route: StandInRoute) -> Bool { routes.isEmpty || routes.contains(route) }
}

/// What happens to a file between `Completed, Succeeded` and its place.
public enum StandInMoveFault: Sendable, Equatable {
    /// The move fails: the state stays, the exception says this.
    case fails(String)
    /// Somebody removes the file right after the move, before anyone hears of it.
    case vanishes
}
