import Contracts

/// When a monitored job (`standing: true`) is searched for again. It waits instead of ending as a dead letter when no
/// source offers the recording.
public struct MonitoredJobPolicy: Sendable, Equatable {
    /// The first pause; later ones double. `HDM_STANDING_FIRST_S`, default six hours.
    public var first: Duration
    /// The longest pause. `HDM_STANDING_MAX_S`, default seven days.
    public var most: Duration

    /// The share by which a pause is longer or shorter, so that jobs that failed together do not return together.
    static let jitter = 0.1

    public init(first: Duration = .seconds(6 * 3600), most: Duration = .seconds(7 * 86_400)) {
        self.first = first
        self.most = most
    }

    init(_ settings: Settings) throws(SettingsError) {
        self.init()
        first = try settings.seconds("HDM_STANDING_FIRST_S", default: first, in: 1...2_592_000)
        most = try settings.seconds("HDM_STANDING_MAX_S", default: max(first, most), in: 1...31_536_000)
    }

    /// Returns the pause before the next search.
    /// - Parameter tries: how often the job was rescheduled, including this time.
    public func pause(after tries: Int) -> Duration {
        let whole = min(first * (1 << min(max(tries, 1) - 1, 20)), max(first, most))
        return whole * Double.random(in: (1 - Self.jitter)...(1 + Self.jitter))
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
