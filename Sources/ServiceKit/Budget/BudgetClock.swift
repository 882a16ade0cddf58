public import Contracts

/// The time of a budget: the system's, or one that a test moves.
///
/// The clocks of hosts that share a budget must agree: windows are as exact as the clocks.
public struct BudgetClock: Sendable {
    public var now: @Sendable () -> Timestamp
    /// Waits for a time; throws `CancellationError` when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    public static let system = BudgetClock(now: { .now }, sleep: { try await Task.sleep(for: $0) })
}
