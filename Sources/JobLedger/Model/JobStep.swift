public import Contracts

/// The position of a job's message on its way, which its headers carry.
public struct JobStep: Sendable, Equatable {
    /// How often the document was published before.
    public var hop: Int
    /// How often a person restarted the job.
    public var generation: Int
    /// How often the job returned to an earlier stage because a file was missing.
    public var restarts: Int
    /// The W3C Trace Context.
    public var traceparent: String?

    /// Creates a position; the default is that of a new job.
    public init(hop: Int = 0, generation: Int = 0, restarts: Int = 0, traceparent: String? = nil) {
        self.hop = hop
        self.generation = generation
        self.restarts = restarts
        self.traceparent = traceparent
    }

    /// The next publish of the document.
    func next() -> JobStep {
        JobStep(hop: hop + 1, generation: generation, restarts: restarts, traceparent: traceparent)
    }

    /// The headers of a message at its first attempt.
    public var headers: [String: JSONValue] {
        var headers: [String: JSONValue] = [
            MessageHeader.attempt: .integer(1), MessageHeader.hop: .integer(Int64(hop)),
        ]
        if generation > 0 { headers[MessageHeader.requeues] = .integer(Int64(generation)) }
        if restarts > 0 { headers[MessageHeader.restarts] = .integer(Int64(restarts)) }
        if let traceparent { headers[MessageHeader.traceparent] = .string(traceparent) }
        return headers
    }
}
