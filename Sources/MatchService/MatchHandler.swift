import Catalogues
import Contracts
import Logging
import Matching
import ServiceKit

/// Resolves which recording a job wants, searches the sources for it and judges their offers.
struct MatchHandler: StageHandler {
    let stage = Stage.match
    let resolver: TrackResolver
    let search: TrackSearch

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let isFresh = job.force == true || context.requeues > 0 || job.standingTries ?? 0 > 0
        switch try await resolver.resolve(job, isFresh: isFresh, context.logger) {
        case .unchanged: return try await find(job, isFresh: isFresh, context)
        case .resolved(let section):
            var job = job
            job.metadata = section
            log(section, context)
            return try await find(job, isFresh: isFresh, context)
        case .snooze(let until, let reason, let wait): return .snooze(until: until, because: reason, wait: wait)
        case .review(let reason): return review(job, because: reason, context)
        }
    }

    private func find(_ job: JobDocument, isFresh: Bool, _ context: JobContext) async throws -> Outcome {
        var search = search
        search.logger = context.logger
        search.renew = context.renew
        do {
            let result = try await search.run(
                for: job.wanted, verdicts: job.verdicts ?? Verdicts(), known: job.unfinishedSearches,
                isFresh: isFresh, albumJobs: job.albumJobs, failed: job.transfer?.failedCandidates ?? [])
            return try outcome(of: result, for: job, context)
        } catch let interrupted as SearchInterrupted {
            return snooze(interrupted, job)
        }
    }

    private func outcome(of result: SearchResult, for job: JobDocument, _ context: JobContext) throws -> Outcome {
        let decision = result.decision
        var job = job
        var section = decision.section(avoiding: job.transfer?.failedCandidates ?? [])
        section.searches = result.searches
        job.match = section
        let data: [String: JSONValue] = ["score": .number(section.score), "match": try JSONValue(encoding: section)]
        switch decision.outcome {
        case .accept:
            log(.matchCompleted, "found the recording", section, context)
            return .completed(job, data: data)
        case .review:
            log(.matchReview, "the match needs a person's decision", section, context)
            return .review(job, because: decision.explanation, data: data)
        case .reject:
            log(.matchRejected, "found no matching file", section, context)
            if job.transfer?.failedCandidates.contains(where: { !$0.isWrongFile }) == true {
                // The files of before may be offered again when their peers are back.
                return .retry(JobError(.noSource, decision.explanation + "; earlier candidates could not be fetched"))
            }
            return .deadLetter(JobError(.noMatch, decision.explanation + Self.addition(job.transfer)), data: data)
        }
    }

    /// Returns the outcome for a job whose recording is unclear. Nothing was searched.
    private func review(_ job: JobDocument, because reason: String, _ context: JobContext) -> Outcome {
        var section = MatchSection(score: 0, components: [:], candidates: [])
        section.outcome = .review
        section.explanation = reason
        var job = job
        job.match = section
        log(.matchReview, "the wanted recording is unclear", section, context)
        return .review(job, because: reason)
    }

    private static func addition(_ transfer: TransferSection?) -> String {
        let count = transfer?.mislabelledFiles.count ?? 0
        return count == 0 ? "" : "; \(count) files were fetched before and are not the offered recordings"
    }

    private func snooze(_ interrupted: SearchInterrupted, _ job: JobDocument) -> Outcome {
        var job = job
        job.unfinishedSearches = interrupted.searches
        let exhausted = interrupted.exhausted
        return .snooze(until: exhausted.until, because: "\(exhausted)", wait: exhausted.wait, job: job)
    }

    private func log(_ section: MetadataSection, _ context: JobContext) {
        let providers = Set(section.provenance.values).subtracting([ResolvedTrack.job]).sorted()
        context.logger.log(
            event: .matchResolved, "\(section.remark ?? "resolved the recording")",
            metadata: [LogKey.provider: .string(providers.joined(separator: ","))])
    }

    private func log(_ event: LogEventName, _ text: String, _ section: MatchSection, _ context: JobContext) {
        context.logger.log(
            event: event, "\(text)",
            metadata: [
                "score": .stringConvertible(section.score),
                "considered": .stringConvertible(section.considered ?? 0),
                "searches": .stringConvertible(section.searches?.count ?? 0),
            ])
    }
}

extension JobDocument {
    /// The queries of an interrupted search. They are stored in a match section without an outcome.
    var unfinishedSearches: [SearchYield] {
        get { match.flatMap { $0.outcome == nil && $0.candidates.isEmpty ? $0.searches : nil } ?? [] }
        set {
            var section = MatchSection(score: 0, components: [:], candidates: [])
            section.searches = newValue
            match = section
        }
    }
}
