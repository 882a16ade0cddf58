import Contracts
import Logging
import Matching
import Metadata
import ServiceKit

/// Finds out which recording a job means, asks the sources for it and judges what they offer.
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
        case .snooze(let until, let reason): return .snooze(until: until, because: reason)
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
                isFresh: isFresh, mislabelledFiles: job.transfer?.mislabelledFiles ?? [])
            return try outcome(of: result, for: job, context)
        } catch let interrupted as SearchInterrupted {
            return wait(interrupted, job)
        }
    }

    private func outcome(of result: SearchResult, for job: JobDocument, _ context: JobContext) throws -> Outcome {
        let decision = result.decision
        var job = job
        var section = decision.section()
        section.searches = result.searches
        job.match = section
        let data: [String: JSONValue] = ["score": .number(section.score), "match": try JSONValue(encoding: section)]
        switch decision.outcome {
        case .accept:
            log(.matchCompleted, "matched", section, context)
            return .completed(job, data: data)
        case .review:
            log(.matchReview, "the match is doubtful", section, context)
            return .review(job, because: decision.explanation, data: data)
        case .reject:
            log(.matchRejected, "nothing fits", section, context)
            return .deadLetter(JobError(.noMatch, decision.explanation + Self.note(on: job.transfer)), data: data)
        }
    }

    /// Nothing was searched for: it is not known what is wanted.
    private func review(_ job: JobDocument, because reason: String, _ context: JobContext) -> Outcome {
        var section = MatchSection(score: 0, components: [:], candidates: [])
        section.outcome = .review
        section.explanation = reason
        var job = job
        job.match = section
        log(.matchReview, "it is not known what is wanted", section, context)
        return .review(job, because: reason)
    }

    private static func note(on transfer: TransferSection?) -> String {
        let count = transfer?.mislabelledFiles.count ?? 0
        return count == 0 ? "" : "; \(count) files came from peers before and were not what they were offered as"
    }

    private func wait(_ interrupted: SearchInterrupted, _ job: JobDocument) -> Outcome {
        var job = job
        job.unfinishedSearches = interrupted.searches
        return .snooze(until: interrupted.exhausted.until, because: "\(interrupted.exhausted)", job: job)
    }

    private func log(_ section: MetadataSection, _ context: JobContext) {
        let providers = Set(section.provenance.values).subtracting([ResolvedTrack.job]).sorted()
        context.logger.log(
            event: .matchResolved, "\(section.remark ?? "the recording is known")",
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
    /// What a search that was interrupted had asked so far; the section of an undecided match holds nothing else.
    var unfinishedSearches: [SearchYield] {
        get { match.flatMap { $0.outcome == nil && $0.candidates.isEmpty ? $0.searches : nil } ?? [] }
        set {
            var section = MatchSection(score: 0, components: [:], candidates: [])
            section.searches = newValue
            match = section
        }
    }
}
