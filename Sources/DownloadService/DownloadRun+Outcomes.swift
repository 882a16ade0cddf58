import AudioSources
import Contracts
import Logging
import ServiceKit

extension DownloadRun {
    /// Returns the outcome of the delivery. Not inlined, so that a waiting transfer does not hold this function's
    /// frame; thousands of jobs can wait.
    @inline(never)
    func outcome(of candidate: Candidate, _ result: TransferResult) -> Outcome {
        switch result {
        case .acquired(let file): return completed(candidate, file)
        case .handedBack: return handedBack
        case .pending(let reason, let wait): return snooze(reason, wait, for: pauseInQueue)
        case .throttled(let reason, let wait):
            // The transfer of another client may be the job's own, which it then remembers.
            if wait?.reason != .fileBusy { section.end() }
            return snooze(reason, wait, for: .seconds(15))
        case .sourceUnavailable(let error, let isLost): return unavailable(candidate.source, error, isLost: isLost)
        }
    }

    private func completed(_ candidate: Candidate, _ file: AcquiredFile) -> Outcome {
        var job = job
        section.since = nil
        // The tag stage uses the section to find the candidate of a mislabelled file.
        job.transfer = candidate.user == nil && section.failedCandidates.isEmpty ? nil : section
        job.download = DownloadSection(
            source: candidate.source, user: candidate.user,
            path: handler.staging.path(of: file.file.lastPathComponent, job: job.jobID), size: file.size,
            sha256: file.sha256)
        context.logger.log(
            event: .downloadCompleted, "fetched the file",
            metadata: ["source": .string(candidate.source), "bytes": .stringConvertible(file.size)])
        return .completed(job, data: ["source": .string(candidate.source), "bytes": .integer(file.size)])
    }

    /// The time until the next look at a transfer in a queue: the longer it has waited, the longer it will.
    private var pauseInQueue: Duration {
        let waited = section.since.map { Timestamp.now.since($0) } ?? .zero
        return min(max(waited / 4, .seconds(30)), .seconds(300))
    }

    private func snooze(_ reason: String, _ wait: JobEvent.Wait?, for pause: Duration) -> Outcome {
        .snooze(until: .now + pause, because: reason, wait: wait, job: document)
    }

    /// An unavailable source does not count as a failed attempt. A lost transfer is ordered in a new round.
    private func unavailable(_ source: String, _ error: SourceError, isLost: Bool) -> Outcome {
        if isLost {
            section.end()
            section.round += 1
        }
        return snooze(error.message, .init(.sourceAway, provider: source), for: handler.absence)
    }

    /// The outcome at the hold limit of the delivery. A transfer goes on and is adopted when the job is delivered again.
    var handedBack: Outcome { .handBack(document) }

    private var document: JobDocument {
        var job = job
        job.transfer = section
        return job
    }

    func record(_ error: SourceError, of candidate: Candidate) {
        context.step("failed, \(candidate.summary): \(error.message)")
        context.logger.log(
            event: .downloadCandidateFailed, level: .warning, "cannot fetch a candidate; trying the next one",
            metadata: [
                "source": .string(candidate.source), LogKey.code: .string(error.code.description),
                LogKey.error: .string(error.message),
            ])
    }

    /// Returns the outcome when every candidate failed.
    ///
    /// A missing or changed file may be offered under another name, and other peers may be online. Then the job is
    /// matched again. After a pass with candidates that had not failed before, that is no attempt: the next search
    /// leaves them out and finds others, if there are any.
    func exhausted() -> Outcome {
        let error = failure
        let mayBeFoundAnew = failures.contains { $0.code == .gone || $0.code == .changed }
        let hadPeers = section.failedCandidates.contains { $0.user != nil }
        guard hadPeers else { return .retry(error, from: mayBeFoundAnew ? .match : nil) }
        let hasNewFailures = section.hasNewFailures
        section.end()
        section.round += 1
        return hasNewFailures
            ? .restart(from: .match, document, because: error) : .retry(error, from: .match, job: document)
    }

    private var failure: JobError {
        let mislabelledFiles = section.mislabelledFiles.count
        guard let last = failures.last else {
            guard mislabelledFiles > 0 else { return JobError(.noSource, "every candidate failed before") }
            return JobError(.verificationFailed, "\(mislabelledFiles) fetched files are not the offered recordings")
        }
        let reasons = failures.map(\.message).joined(separator: "; ")
        let others = mislabelledFiles > 0 ? "; \(mislabelledFiles) fetched files are not the offered recordings" : ""
        return JobError(last.errorCode, "cannot fetch any candidate: \(reasons)\(others)")
    }
}
