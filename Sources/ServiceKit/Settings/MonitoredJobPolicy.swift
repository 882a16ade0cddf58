import Contracts

/// When a standing job, which waits instead of dying for lack of an offer, is tried again.
public struct MonitoredJobPolicy: Sendable, Equatable {
    /// The first pause; doubles. `HDM_STANDING_FIRST_S`, default six hours.
    public var first: Duration
    /// The longest pause. `HDM_STANDING_MAX_S`, default seven days.
    public var most: Duration

    /// By so much a pause is longer or shorter, so that jobs that failed together do not come back together.
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

    /// The pause before a job is tried again.
    /// - Parameter tries: how often it has been put off, this time included.
    public func pause(after tries: Int) -> Duration {
        let whole = min(first * (1 << min(max(tries, 1) - 1, 20)), max(first, most))
        return whole * Double.random(in: (1 - Self.jitter)...(1 + Self.jitter))
    }
}

extension JobDocument {
    /// Whether a standing job is put off rather than buried: nobody offers what it wants, or nobody hands it out.
    func isPutOff(for code: ErrorCode, at stage: Stage) -> Bool {
        guard standing == true else { return false }
        switch code {
        case .noMatch, .noSource: return true
        case .timeout, .verificationFailed: return stage == .download
        default: return false
        }
    }

    /// The job as it begins its search again, with nothing of the last one but the files that were proven false.
    func reschedule() -> JobDocument {
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
