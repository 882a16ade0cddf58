import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit

/// One delivery of a job at the download stage: tries candidates, and remembers what became of them.
///
/// A reference: all functions that wait for a transfer hold it.
final class DownloadRun {
    let job: JobDocument
    let choice: CandidateChoice
    let handler: DownloadHandler
    let context: JobContext
    private(set) var section: TransferSection
    private var failures: [SourceError] = []

    init(job: JobDocument, choice: CandidateChoice, handler: DownloadHandler, context: JobContext) {
        self.job = job
        self.choice = choice
        self.handler = handler
        self.context = context
        section = choice.section
    }

    /// Fetches a candidate.
    /// - Returns: the end of the delivery; `nil` when the next candidate is to be tried.
    func fetch(_ candidate: Candidate, hasAlternatives: Bool) async throws -> Outcome? {
        let began = ContinuousClock.now
        tellBeginning(of: candidate)
        section.begin(candidate, since: choice.since(candidate) ?? .now)
        do {
            let result = try await outcome(of: candidate, hasAlternatives)
            TransferMetrics.ended(result, source: candidate.source)
            if case .acquired(let file) = result {
                await handler.peers?.note(.delivered(bytes: file.size, in: began.duration(to: .now)), of: candidate)
            }
            return end(of: candidate, result)
        } catch let error as SourceError {
            TransferMetrics.failed(error, source: candidate.source)
            note(error, of: candidate)
            if error.isThePeers { await handler.peers?.note(.failed, of: candidate) }
            guard error.anotherCandidateMayHelp else { throw JobError(error.errorCode, error.message) }
            section.giveUp(candidate, error.code.description)
            failures.append(error)
            return nil
        }
    }

    private func outcome(of candidate: Candidate, _ hasAlternatives: Bool) async throws -> TransferResult {
        guard let source = handler.sources[candidate.source] else {
            throw SourceError(.refused, "the source '\(candidate.source)' is not set up here; see HDM_SOURCES")
        }
        guard let transfers = source as? any TransferSource else {
            return .acquired(try await copy(candidate, from: source))
        }
        return try await transfers.follow(order(of: candidate, hasAlternatives), report: reporter(of: candidate))
    }

    private func copy(_ candidate: Candidate, from source: any FetchSource) async throws -> AcquiredFile {
        let context = context
        return try await source.acquire(candidate, job: job.jobID, into: handler.staging.folder(of: job.jobID)) {
            context.progress(done: $0.transferred, total: $0.total)
        }
    }

    private func order(of candidate: Candidate, _ hasAlternatives: Bool) -> TransferOrder {
        var order = TransferOrder(candidate, job: job.jobID, into: handler.staging.folder(of: job.jobID))
        order.round = choice.round
        order.earlierRounds = choice.earlierRounds
        order.priority = job.priority
        order.hasAlternatives = hasAlternatives
        order.since = choice.since(candidate)
        order.patience = handler.patience
        return order
    }

    private func reporter(of candidate: Candidate) -> @Sendable (TransferStep) -> Void {
        let context = context
        let source = candidate.source
        return { step in
            context.note(step, of: candidate)
            switch step {
            case .progress(let done): context.progress(done: done.transferred, total: done.total)
            case .stalled:
                context.logger.log(
                    event: .downloadStalled, level: .warning, "no more bytes came",
                    metadata: ["source": .string(source)])
            case .ordered, .adopted:
                context.logger.log(
                    event: .downloadEnqueued, step == .ordered ? "ordered" : "going on with a transfer",
                    metadata: ["source": .string(source), "adopted": .stringConvertible(step == .adopted)])
            case .queued: break
            }
        }
    }

    // MARK: - Ends

    /// Apart from the function that waits for the transfer: what this one needs is then not held for as long as the
    /// transfer takes, by each of a thousand jobs.
    @inline(never)
    private func end(of candidate: Candidate, _ result: TransferResult) -> Outcome {
        switch result {
        case .acquired(let file): return done(candidate, file)
        case .pending(let reason): return wait(reason, for: .seconds(60))
        case .throttled(let reason):
            section.end()
            return wait(reason, for: .seconds(15))
        case .sourceUnavailable(let error, let isLost): return away(error, isLost: isLost)
        }
    }

    private func done(_ candidate: Candidate, _ file: AcquiredFile) -> Outcome {
        var job = job
        section.since = nil
        // Whoever finds out that a peer's file is false can tell by this which candidate it was.
        job.transfer = candidate.user == nil && section.failedCandidates.isEmpty ? nil : section
        job.download = DownloadSection(
            source: candidate.source, user: candidate.user,
            path: handler.staging.path(of: file.file.lastPathComponent, job: job.jobID), size: file.size,
            sha256: file.sha256)
        context.logger.log(
            event: .downloadCompleted, "fetched",
            metadata: ["source": .string(candidate.source), "bytes": .stringConvertible(file.size)])
        return .completed(job, data: ["source": .string(candidate.source), "bytes": .integer(file.size)])
    }

    private func wait(_ reason: String, for pause: Duration) -> Outcome {
        .snooze(until: .now + pause, because: reason, job: document)
    }

    /// That the source is away is nobody's failure. A transfer that was lost by it is ordered anew.
    private func away(_ error: SourceError, isLost: Bool) -> Outcome {
        if isLost {
            section.end()
            section.round += 1
        }
        return wait(error.message, for: handler.absence)
    }

    private var document: JobDocument {
        var job = job
        job.transfer = section
        return job
    }

    private func note(_ error: SourceError, of candidate: Candidate) {
        context.step("given up, \(candidate.inWords): \(error.message)")
        context.logger.log(
            event: .downloadCandidateFailed, level: .warning, "a candidate could not be fetched",
            metadata: [
                "source": .string(candidate.source), LogKey.code: .string(error.code.description),
                LogKey.error: .string(error.message),
            ])
    }

    /// What is gone or changed may be offered again under another name, and other peers may be there: the search begins
    /// anew, within the budget.
    func giveUp() -> Outcome {
        let error = failure
        let mayBeFoundAnew = failures.contains { $0.code == .gone || $0.code == .changed }
        let hadPeers = section.failedCandidates.contains { $0.user != nil }
        guard hadPeers else { return .retry(error, from: mayBeFoundAnew ? .match : nil) }
        section.end()
        section.round += 1
        return .retry(error, from: .match, job: document)
    }

    private var failure: JobError {
        let mislabelledFiles = section.mislabelledFiles.count
        guard let last = failures.last else {
            guard mislabelledFiles > 0 else { return JobError(.noSource, "every candidate was given up before") }
            return JobError(
                .verificationFailed, "\(mislabelledFiles) files came from peers, and none was what it was offered as")
        }
        let reasons = failures.map(\.message).joined(separator: "; ")
        let others =
            mislabelledFiles > 0 ? "; \(mislabelledFiles) others came and were not what they were offered as" : ""
        return JobError(last.errorCode, "no candidate could be fetched: \(reasons)\(others)")
    }
}
