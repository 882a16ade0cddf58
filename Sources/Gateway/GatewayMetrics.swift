import Contracts
import CoreMetrics

/// What the gateway measures.
enum GatewayMetrics {
    /// Counts the items of an answer by what became of them.
    static func submitted(_ receipt: IntakeReceipt) {
        for status in SubmissionResponse.Status.allCases where receipt.count(status) > 0 {
            Counter(label: "hdm_submitted_items_total", dimensions: [("status", status.rawValue)])
                .increment(by: receipt.count(status))
        }
    }

    /// Counts submissions that were refused.
    static func rejected(over channel: String) {
        Counter(label: "hdm_submissions_rejected_total", dimensions: [("channel", channel)]).increment()
    }

    /// Counts events by what became of them: `new`, `repeated`, `malformed`.
    static func events(_ count: Int, _ outcome: String) {
        guard count > 0 else { return }
        Counter(label: "hdm_events_total", dimensions: [("outcome", outcome)]).increment(by: count)
    }

    /// Messages that wait for the broker.
    static func outbox(depth: Int) { Gauge(label: "hdm_outbox_depth").record(depth) }

    /// Jobs that the broker confirmed.
    static func published(_ count: Int) { Counter(label: "hdm_outbox_published_total").increment(by: count) }

    /// Doubtful matches that wait for a person.
    static func reviews(open count: Int) { Gauge(label: "hdm_reviews_open").record(count) }

    /// Counts what people decided: `approve`, `reject`, `search`.
    static func decided(_ verb: String) {
        Counter(label: "hdm_review_decisions_total", dimensions: [("decision", verb)]).increment()
    }
}
