/// How far the duration of a recording may differ from the wanted one.
///
/// The limit is ``minimumMS``, or ``percent`` of the wanted duration if that is longer. All durations are in
/// milliseconds.
public struct DurationTolerance: Sendable, Hashable {
    /// The allowed difference for short recordings.
    public var minimumMS: Int
    /// The allowed difference as a share of the wanted duration; 0 for a fixed limit.
    public var percent: Int

    public init(minimumMS: Int, percent: Int = 0) {
        self.minimumMS = minimumMS
        self.percent = percent
    }

    /// Returns the largest allowed difference from `wantedMS`.
    public func limit(for wantedMS: Int) -> Int {
        guard percent > 0 else { return minimumMS }
        let (hundreds, rest) = wantedMS.quotientAndRemainder(dividingBy: 100)
        let (share, overflow) = hundreds.multipliedReportingOverflow(by: percent)
        return max(minimumMS, overflow ? .max : share + rest * percent / 100)
    }

    /// Returns whether `actualMS` is close enough to `wantedMS`.
    public func accepts(_ actualMS: Int, for wantedMS: Int) -> Bool {
        Self.difference(actualMS, wantedMS) <= limit(for: wantedMS)
    }

    /// Returns the distance of two durations; `Int.max` if it does not fit into an `Int`.
    public static func difference(_ one: Int, _ other: Int) -> Int {
        let (difference, overflow) = one.subtractingReportingOverflow(other)
        return overflow || difference == .min ? .max : abs(difference)
    }
}
