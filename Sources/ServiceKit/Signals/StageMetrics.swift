import Contracts
import CoreMetrics

/// The metrics of a worker. They are created once, as their labels are fixed.
struct StageMetrics: Sendable {
    private let stage: Stage
    private let duration: Timer
    private let wait: Timer
    private let inProgress: Meter

    init(_ stage: Stage) {
        let labels = [("stage", stage.rawValue)]
        self.stage = stage
        duration = Timer(label: "hdm_job_duration_seconds", dimensions: labels)
        wait = Timer(label: "hdm_job_wait_seconds", dimensions: labels)
        inProgress = Meter(label: "hdm_jobs_in_progress", dimensions: labels)
    }

    func began(waited: Duration?) {
        inProgress.increment()
        if let waited { wait.recordNanoseconds(Self.nanoseconds(waited)) }
    }

    func ended(_ outcome: String, after time: Duration) {
        inProgress.decrement()
        duration.recordNanoseconds(Self.nanoseconds(time))
        Counter(label: "hdm_jobs_total", dimensions: [("stage", stage.rawValue), ("outcome", outcome)]).increment()
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 { Int64(duration / .nanoseconds(1)) }
}
