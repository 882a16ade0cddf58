import Contracts
import CoreMetrics

/// The metrics of the gateway.
enum GatewayMetrics {
    /// Counts items of submissions by their status.
    static func submitted(_ count: Int, _ status: SubmissionResponse.Status) {
        guard count > 0 else { return }
        Counter(label: "hdm_submitted_items_total", dimensions: [("status", status.rawValue)]).increment(by: count)
    }

    /// Counts refused submissions.
    static func rejected(over channel: String) {
        Counter(label: "hdm_submissions_rejected_total", dimensions: [("channel", channel)]).increment()
    }

    /// Counts events by outcome: `new`, `repeated`, `malformed`.
    static func events(_ count: Int, _ outcome: String) {
        guard count > 0 else { return }
        Counter(label: "hdm_events_total", dimensions: [("outcome", outcome)]).increment(by: count)
    }

    /// Messages that wait to be published.
    static func outbox(depth: Int) { Gauge(label: "hdm_outbox_depth").record(depth) }

    /// Counts messages of the outbox that cannot be read and are not published.
    static func damagedOutboxRow() { Counter(label: "hdm_outbox_damaged_total").increment() }

    /// Counts jobs that the broker confirmed.
    static func published(_ count: Int) { Counter(label: "hdm_outbox_published_total").increment(by: count) }

    /// Doubtful matches that wait for a person.
    static func reviews(open count: Int) { Gauge(label: "hdm_reviews_open").record(count) }

    /// Counts decisions of people: `approve`, `reject`, `search`.
    static func decided(_ verb: String) {
        Counter(label: "hdm_review_decisions_total", dimensions: [("decision", verb)]).increment()
    }
}
