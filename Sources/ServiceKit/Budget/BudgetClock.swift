public import Contracts

/// The time by which a budget is kept: the system's, or one that a test moves.
///
/// Hosts that share a budget need clocks that agree: a window is as exact as they are.
public struct BudgetClock: Sendable {
    public var now: @Sendable () -> Timestamp
    /// Waits for a time; throws `CancellationError` when the task is cancelled meanwhile.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    public static let system = BudgetClock(now: { .now }, sleep: { try await Task.sleep(for: $0) })
}
