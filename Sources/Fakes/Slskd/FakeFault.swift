/// A failure between a client and slskd. Durations are in real time, because they concern the timeouts of the client.
public enum FakeFault: Sendable, Equatable {
    /// Processes the request and sends the response late.
    case respondsLate(Duration)
    /// Processes the request late.
    case worksLate(Duration)
    /// Processes the request and closes the connection without a response.
    case losesResponse
    /// Closes the connection without processing the request.
    case refuses
    /// Responds with this status and a JSON string without processing the request; 401 has no body.
    case responds(status: Int)
}

/// A fault and the requests that it affects.
struct FakeFaultRule: Sendable {
    let fault: FakeFault
    let routes: Set<FakeRoute>
    var times: Int?

    func affects(_ route: FakeRoute) -> Bool { routes.isEmpty || routes.contains(route) }
}

/// A failure between `Completed, Succeeded` and the move of the file.
public enum FakeMoveFault: Sendable, Equatable {
    /// The move fails. The state stays, and the exception is this text.
    case fails(String)
    /// The file is removed right after the move, before the event.
    case vanishes
}
