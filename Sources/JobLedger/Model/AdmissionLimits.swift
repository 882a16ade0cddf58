/// How much one submission may request, and how long its effects last.
public struct AdmissionLimits: Sendable, Equatable {
    /// Items of one submission.
    public var maxItems = 2000
    /// Bytes of one submission.
    public var maxBodyBytes = 2 << 20
    /// How long a completed job keeps its dedupe key.
    public var processedFor: Duration = .seconds(30 * 86_400)
    /// How long the response to a submission is stored.
    public var responsesFor: Duration = .seconds(86_400)
    /// How long the response to a submission of the planner is stored. The planner repeats a submission until it has the
    /// response, also after an outage of many days.
    public var plannerResponsesFor: Duration = .seconds(30 * 86_400)

    /// Creates the default limits.
    public init() {}
}
