/// The names of the headers and properties that HDM's messages carry.
public enum MessageHeader {
    /// Attempts at the present stage so far, from 1.
    public static let attempt = "x-hdm-attempt"
    /// How often the document was published on its way; grows by one with every publish.
    public static let hop = "x-hdm-hop"
    /// How often an operator sent the job back to work.
    public static let requeues = "x-hdm-requeues"
    /// How often the broker had to hand the message out again since it was published.
    public static let redeliveries = "x-hdm-redeliveries"
    /// How often the job had to begin anew at an earlier stage.
    public static let restarts = "x-hdm-restarts"
    /// When a waiting job is due, RFC 3339; later than a tier's end when one tier is too short.
    public static let notBefore = "x-hdm-not-before"

    public static let deadReason = "x-hdm-dead-reason"
    public static let deadError = "x-hdm-dead-error"
    public static let deadAt = "x-hdm-dead-at"
    public static let worker = "x-hdm-worker"
    /// The stage a dead letter died at.
    public static let deadStage = "x-hdm-dead-stage"

    /// A strict key of a submission: a second submission with the same key gets the stored response if its body is the
    /// same, and a conflict otherwise.
    public static let idempotencyKey = "idempotency-key"

    /// W3C Trace Context.
    public static let traceparent = "traceparent"

    /// Whether a header belongs to the broker's or HDM's record of a death and must not outlive a republish.
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
    public static let control = "hdm.control.v1"
    /// A link that the planner expands.
    public static let link = "hdm.link.v1"
    /// The state of an expansion.
    public static let expansion = "hdm.expansion.v1"
    /// What was used of a limited provider.
    public static let budget = "hdm.budget.v1"
    /// Who holds it may change the ledger.
    public static let budgetLock = "hdm.budget-turn.v1"
}
