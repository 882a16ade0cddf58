/// The names of the headers of HDM's messages.
public enum MessageHeader {
    /// The number of the attempt at the current stage, from 1.
    public static let attempt = "x-hdm-attempt"
    /// How often the document was published; grows by one with every publish.
    public static let hop = "x-hdm-hop"
    /// How often the job was requeued.
    public static let requeues = "x-hdm-requeues"
    /// How often the broker redelivered the message since it was published. Earlier versions wrote it; it is not written
    /// any more.
    public static let redeliveries = "x-hdm-redeliveries"
    /// The hop at which a run of the stage began that continues although its message was given back to the broker.
    public static let run = "x-hdm-run"
    /// How often the job restarted at an earlier stage.
    public static let restarts = "x-hdm-restarts"
    /// The time at which a waiting job continues, as in RFC 3339. It can be later than the end of the retry tier.
    public static let notBefore = "x-hdm-not-before"

    public static let deadReason = "x-hdm-dead-reason"
    public static let deadError = "x-hdm-dead-error"
    public static let deadAt = "x-hdm-dead-at"
    public static let worker = "x-hdm-worker"
    /// The stage in which a dead letter ended.
    public static let deadStage = "x-hdm-dead-stage"

    /// A strict key of a submission: a second submission with the same key gets the stored response if its body is the
    /// same, and a conflict otherwise.
    public static let idempotencyKey = "idempotency-key"

    /// W3C Trace Context.
    public static let traceparent = "traceparent"

    /// Whether a header describes why a message was dead-lettered. Republishing removes such headers.
    public static func isDeathRecord(_ name: String) -> Bool {
        ["x-death", "x-first-death-", "x-last-death-", "x-hdm-dead-"].contains { name.hasPrefix($0) }
    }
}

/// The values of the `type` property of HDM's messages.
public enum MessageType {
    public static let job = "hdm.job.v1"
    public static let submission = "hdm.submission.v1"
    public static let submissionAnswer = "hdm.submission-answer.v1"
    public static let event = "hdm.event.v1"
    public static let progress = "hdm.progress.v1"
    /// The status of a service.
    public static let system = "hdm.system.v1"
    /// A link that the planner expands.
    public static let link = "hdm.link.v1"
    /// The state of an expansion.
    public static let expansion = "hdm.expansion.v1"
    /// The ledger of a provider's budget.
    public static let budget = "hdm.budget.v1"
    /// The lock of a budget.
    public static let budgetLock = "hdm.budget-turn.v1"
}
