import Foundation

/// The options of a run, which `compose/test --soak` passes as environment variables.
struct ChaosOptions: Sendable {
    /// The minutes of load and faults; `nil` for the short run of the suite.
    var minutes: Double?
    /// From the clock unless it is given.
    var seed: UInt64
    var jobs: Int
    /// Whether three brokers with quorum queues run instead of one with classic queues.
    var isCluster: Bool
    /// The folder of the journals of runs.
    var journals: URL
    /// Divides the durations of the named scenarios, to try them quickly.
    var haste: Double

    static let current = ChaosOptions(ProcessInfo.processInfo.environment)

    init(_ environment: [String: String]) {
        minutes = environment["HDM_SOAK_MINUTES"].flatMap(Double.init)
        seed = environment["HDM_SOAK_SEED"].flatMap(UInt64.init) ?? UInt64(Date().timeIntervalSince1970 * 1000)
        jobs = environment["HDM_SOAK_JOBS"].flatMap(Int.init) ?? (minutes == nil ? 40 : 1000)
        isCluster = environment["HDM_SOAK_CLUSTER"] == "1"
        haste = environment["HDM_SOAK_HASTE"].flatMap(Double.init) ?? 1
        let folder = environment["HDM_SOAK_JOURNALS"] ?? NSTemporaryDirectory()
        journals = URL(fileURLWithPath: folder, isDirectory: true)
    }

    static var isSoak: Bool { current.minutes != nil }

    /// How long the load and the faults last.
    var duration: Duration { minutes.map { .seconds($0 * 60) } ?? .seconds(20) }
    /// The time within which all jobs must end after the last fault.
    var patience: Duration { minutes == nil ? .seconds(300) : .seconds(1200) }
}
