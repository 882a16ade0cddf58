import CoreMetrics

/// The metrics of a budget.
struct BudgetMetrics: Sendable {
    /// How the request for a permit ended.
    enum Outcome: String { case granted, exhausted, failed }

    private let provider: String
    private let wait: Timer

    init(provider: String) {
        self.provider = provider
        wait = Timer(label: "hdm_budget_wait_seconds", dimensions: [("provider", provider)])
    }

    func ended(_ outcome: Outcome, after waited: Duration) {
        let labels = [("provider", provider), ("outcome", outcome.rawValue)]
        Counter(label: "hdm_budget_permits_total", dimensions: labels).increment()
        if outcome == .granted { wait.recordNanoseconds(Int64(waited / .nanoseconds(1))) }
    }
}
