/// The waiting times that the broker offers, one queue each (`hdm.retry.<tier>`).
public enum RetryTier: String, CaseIterable, Sendable {
    case s1 = "1s"
    case s5 = "5s"
    case s15 = "15s"
    case m1 = "1m"
    case m5 = "5m"
    case m15 = "15m"
    case h1 = "1h"
    case h6 = "6h"

    /// How long a message stays in the tier.
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

    /// The first tier that is long enough; the longest where none is.
    public static func covering(_ delay: Duration) -> RetryTier {
        allCases.first { $0.delay >= delay } ?? .h6
    }

    /// The queue of the tier.
    public var queue: String { "hdm.retry.\(rawValue)" }
}
