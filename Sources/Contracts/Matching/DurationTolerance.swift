/// How far the duration of a recording may differ from the wanted one.
///
/// The limit is ``minimumMS``, or ``percent`` of the wanted duration if that is longer. All durations are in
/// milliseconds.
public struct DurationTolerance: Sendable, Hashable {
    /// The allowed difference for short recordings.
    public var minimumMS: Int
    /// The allowed difference as a share of the wanted duration, in thousandths; 0 for a fixed limit.
    public var permille: Int

    public init(minimumMS: Int, permille: Int = 0) {
        self.minimumMS = minimumMS
        self.permille = permille
    }

    /// Two statements of the duration of one release: they differ by rounding and by silence at the end.
    ///
    /// Decides whether an offer's duration counts in full, and whether a catalogue corrects the duration of a job.
    public static let sameRelease = DurationTolerance(minimumMS: 2_000)

    /// Two releases of one recording: pauses and fades differ, in long works by a share of the duration.
    ///
    /// Decides in search and in catalogue lookups whether two durations confirm that recordings are the same.
    public static let sameRecording = DurationTolerance(minimumMS: 5_000, permille: 5)

    /// Two durations that do not rule out that recordings are the same. From 9 s on they are different recordings, in
    /// works of more than 15 minutes from a hundredth on.
    ///
    /// Decides in search, in catalogue lookups and after the download whether a duration vetoes a file or a listed
    /// recording.
    public static let possibleRecording = DurationTolerance(minimumMS: 8_999, permille: 10)

    /// The duration of a file against the one that its source announced, which is often an estimate from its size.
    public static let announced = DurationTolerance(minimumMS: 15_000, permille: 70)

    /// Returns the largest allowed difference from `wantedMS`.
    public func limit(for wantedMS: Int) -> Int {
        guard permille > 0 else { return minimumMS }
        let (thousands, rest) = wantedMS.quotientAndRemainder(dividingBy: 1000)
        let (share, overflow) = thousands.multipliedReportingOverflow(by: permille)
        return max(minimumMS, overflow ? .max : share + rest * permille / 1000)
    }

    /// Returns whether `actualMS` is close enough to `wantedMS`.
    public func accepts(_ actualMS: Int, for wantedMS: Int) -> Bool {
        accepts(difference: Self.difference(actualMS, wantedMS), from: wantedMS)
    }

    /// Returns whether a difference from `wantedMS` is small enough.
    public func accepts(difference: Int, from wantedMS: Int) -> Bool { difference <= limit(for: wantedMS) }

    /// Returns the distance of two durations; `Int.max` if it does not fit into an `Int`.
    public static func difference(_ one: Int, _ other: Int) -> Int {
        let (difference, overflow) = one.subtractingReportingOverflow(other)
        return overflow || difference == .min ? .max : abs(difference)
    }
}
