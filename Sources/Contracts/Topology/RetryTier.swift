/// The delays of the broker's retry queues (`hdm.retry.<tier>`).
public enum RetryTier: String, CaseIterable, Sendable {
    case s1 = "1s"
    case s5 = "5s"
    case s15 = "15s"
    case m1 = "1m"
    case m5 = "5m"
    case m15 = "15m"
    case h1 = "1h"
    case h6 = "6h"

    /// The time that a message stays in the queue.
    public var delay: Duration {
        switch self {
        case .s1: .seconds(1)
        case .s5: .seconds(5)
        case .s15: .seconds(15)
        case .m1: .seconds(60)
        case .m5: .seconds(300)
        case .m15: .seconds(900)
        case .h1: .seconds(3600)
        case .h6: .seconds(21600)
        }
    }

    /// Returns the shortest tier of at least `delay`, or the longest tier.
    public static func covering(_ delay: Duration) -> RetryTier {
        allCases.first { $0.delay >= delay } ?? .h6
    }

    /// Returns the tier for a job that is put off again when it returns too early: the longest that ends in time, unless a
    /// longer one ends at most a quarter too late.
    public static func within(_ delay: Duration) -> RetryTier {
        let next = covering(delay)
        if next.delay <= delay + delay / 4 { return next }
        return allCases.last { $0.delay <= delay } ?? .s1
    }

    /// The name of the queue.
    public var queue: String { "hdm.retry.\(rawValue)" }
}
