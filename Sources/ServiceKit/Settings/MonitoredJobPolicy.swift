import Contracts

/// When a monitored job (`standing: true`) is searched for again. It waits instead of ending as a dead letter when no
/// source offers the recording.
///
/// Most copies of a release appear within days of it, so a new release is searched for hourly and an old one weekly: a pause
/// is at most a fiftieth of the release's age.
public struct MonitoredJobPolicy: Sendable, Equatable {
    /// The first pause; later ones double. `HDM_STANDING_FIRST_S`, default six hours.
    public var first: Duration
    /// The longest pause. `HDM_STANDING_MAX_S`, default seven days.
    public var most: Duration
    /// The pause while a release is new. `HDM_STANDING_NEW_S`, default one hour.
    public var new: Duration

    /// The share by which a pause is longer or shorter, so that jobs that failed together do not return together.
    static let jitter = 0.1

    private static let shareOfAge = 50

    public init(
        first: Duration = .seconds(6 * 3600), most: Duration = .seconds(7 * 86_400), new: Duration = .seconds(3600)
    ) {
        self.first = first
        self.most = most
        self.new = new
    }

    init(_ settings: Settings) throws(SettingsError) {
        self.init()
        first = try settings.seconds("HDM_STANDING_FIRST_S", default: first, in: 1...2_592_000)
        most = try settings.seconds("HDM_STANDING_MAX_S", default: max(first, most), in: 1...31_536_000)
        new = try settings.seconds("HDM_STANDING_NEW_S", default: min(first, new), in: 1...2_592_000)
    }

    /// Returns the pause before the next search.
    /// - Parameters:
    ///   - tries: how often the job was rescheduled, including this time.
    ///   - age: the time since the release, negative before it; `nil` if its date is unknown.
    public func pause(after tries: Int, age: Duration? = nil) -> Duration {
        let whole = min(
            first * (1 << min(max(tries, 1) - 1, 20)), max(first, most), age.map(longest) ?? max(first, most))
        // Before the release, "at the latest" holds for the varied pause, too.
        let isAwaited = age.map { $0 < .zero } ?? false
        return whole * Double.random(in: (1 - Self.jitter)...(isAwaited ? 1 : 1 + Self.jitter))
    }

    /// Before the release nothing is likely to be found, so the next search is then at the latest.
    private func longest(at age: Duration) -> Duration {
        max(new, age < .zero ? .zero - age : age / Self.shareOfAge)
    }
}

extension Track {
    /// Returns the time since the release; `nil` if its date is unknown. A date without a month or a day is the first of it.
    func age(at now: Timestamp) -> Duration? {
        guard let releaseDate, let start = releaseDate.firstDay else { return nil }
        return now.since(start)
    }
}

extension String {
    /// The first moment of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    fileprivate var firstDay: Timestamp? {
        Timestamp((self + "-01-01".suffix(max(0, 10 - utf8.count))) + "T00:00:00Z")
    }
}

extension JobDocument {
    /// Whether the job is rescheduled instead of becoming a dead letter: it is a monitored one, and no source offers or
    /// delivers the recording at the moment.
    func isRescheduled(for code: ErrorCode, at stage: Stage) -> Bool {
        guard standing == true else { return false }
        switch code {
        case .noMatch, .noSource: return true
        case .timeout, .verificationFailed: return stage == .download
        default: return false
        }
    }

    /// Returns the job for its next search. Of the last one it keeps only the files that are known to be mislabelled.
    func rescheduled() -> JobDocument {
        var job = self
        job.standingTries = min((standingTries ?? 0), 1_000_000) + 1
        (job.match, job.download, job.tag) = (nil, nil, nil)
        if var transfer {
            transfer = TransferSection(round: transfer.round + 1, failedCandidates: transfer.mislabelledFiles)
            job.transfer = transfer
        }
        return job
    }
}
