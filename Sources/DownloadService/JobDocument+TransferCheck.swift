import Contracts
import Foundation

extension JobDocument {
    /// Checks the values that the download stage computes with. Other services may have published the document.
    /// - Throws: ``JobError`` `invalidPayload` that names the value.
    func checkTransfer(at now: Timestamp = .now) throws(JobError) {
        for (index, candidate) in (match?.candidates ?? []).enumerated()
        where !TransferLimits.sizes.contains(candidate.size) {
            throw invalid("/match/candidates/\(index)/size", "\(candidate.size)", "1 to \(TransferLimits.largestSize)")
        }
        guard let section = transfer else { return }
        guard TransferLimits.rounds.contains(section.round) else {
            throw invalid("/transfer/round", "\(section.round)", "1 to \(TransferLimits.rounds.upperBound)")
        }
        guard section.failedCandidates.count <= TransferSection.maximumFailedCandidates else {
            let most = TransferSection.maximumFailedCandidates
            throw invalid("/transfer/given_up", "\(section.failedCandidates.count) entries", "at most \(most)")
        }
        if let since = section.since, since < TransferLimits.earliest || since > now + TransferLimits.clockSkew {
            throw invalid("/transfer/since", "\(since)", "a time between \(TransferLimits.earliest) and now")
        }
    }

    private func invalid(_ path: String, _ value: String, _ allowed: String) -> JobError {
        JobError(.invalidPayload, "\(path) is \(value) and must be \(allowed); submit the job again")
    }
}

/// The limits of values in job documents. Larger values are errors or attacks, and could overflow a sum.
private enum TransferLimits {
    /// Bytes; a terabyte.
    static let largestSize: Int64 = 1 << 40
    static let sizes = 1...largestSize
    static let rounds = 1...1_000_000
    /// 2000-01-01.
    static let earliest = Timestamp(milliseconds: 946_684_800_000)
    /// How far the clock of another host may be ahead.
    static let clockSkew = Duration.seconds(86_400)
}
