import AudioSources
import Contracts
import Foundation
import Logging
import Matching
import ServiceKit

/// Asks the sources for a track, from the narrowest question to the widest, and stops as soon as the answer is sure and
/// its audio good enough.
///
/// Sources that cost nothing are asked first, side by side; those with a budget only when that was not enough.
struct TrackSearch: Sendable {
    /// Files asked of each source.
    static let mostOffers = 1000

    let sources: [SearchedSource]
    let matcher: Matcher
    let misses: NegativeSearchCache?
    /// From which class of audio on no better one is looked for; `nil` when any acceptable one ends a search.
    let enough: QualityClass?
    /// How long a job keeps its place while it waits for a budget.
    let patience: Duration
    /// Takes the context of the job that is searched for.
    var logger: Logger
    /// Called from time to time while a source is waited for.
    var renew: @Sendable () -> Void = {}

    /// Sources take their time, one more so while others come first.
    private static let renewing = Duration.seconds(10)

    /// - Parameters:
    ///   - known: the questions that an earlier attempt asked in vain.
    ///   - isFresh: a person asked anew: what was not there a short while ago is looked for again.
    ///   - falseFiles: files of peers that came and were not what they were offered as: they are left out.
    /// - Throws: ``SearchInterrupted``, ``JobError``, `CancellationError`.
    func run(
        for track: Track, verdicts: Verdicts, known: [SearchYield], isFresh: Bool,
        mislabelledFiles: [TransferSection.FailedCandidate] = []
    ) async throws -> SearchResult {
        var progress = SearchProgress(
            track: track, verdicts: verdicts, known: known, isFresh: isFresh, matcher: matcher)
        progress.mislabelledFiles = mislabelledFiles
        for query in QueryPlan(track, asked: verdicts.query).queries {
            for isLimited in [false, true] {
                let asked = sources.filter { $0.isLimited == isLimited && $0.source.variants.contains(query.variant) }
                    .filter { !progress.wasInVain($0.name, query) }
                guard !asked.isEmpty else { continue }
                let answers = await ask(asked, query, progress)
                progress.take(answers)
                if try progress.mayEnd(at: enough) { return progress.result }
            }
        }
        return progress.result
    }

    private func ask(
        _ asked: [SearchedSource], _ query: SearchQuery, _ progress: SearchProgress
    ) async -> [SearchOutcome] {
        await withTaskGroup { group in
            for (place, source) in asked.enumerated() {
                group.addTask { (place, await ask(source, query, progress)) }
            }
            let answers = await group.reduce(into: []) { $0.append($1) }
            // The record is the same whoever was first to answer.
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func ask(_ source: SearchedSource, _ query: SearchQuery, _ progress: SearchProgress) async -> SearchOutcome
    {
        var answer = SearchOutcome(yield: SearchYield(source: source.name, variant: query.variant, query: query.text))
        if source.isLimited, !progress.isFresh, await isRemembered(source.name, query.text) {
            answer.yield.remembered = true
            return answer
        }
        let began = ContinuousClock.now
        do {
            let request = SearchRequest(
                query, for: progress.track, limit: Self.mostOffers, isFresh: progress.isFresh)
            let reply = try await renewing { try await source.search(request, patience: patience) }
            answer.offers = reply.offers
            answer.yield.offers = answer.offers.count
            if source.isLimited, reply.isMiss { await remember(source.name, query.text) }
        } catch {
            answer.failure = error
        }
        answer.yield.tookMS = Int(began.duration(to: .now) / .milliseconds(1))
        log(answer)
        return answer
    }

    private func renewing<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while (try? await Task.sleep(for: Self.renewing)) != nil { renew() }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private func log(_ answer: SearchOutcome) {
        var metadata: Logger.Metadata = [
            "source": .string(answer.yield.source), "rung": .string(answer.yield.variant.rawValue),
            "offers": .stringConvertible(answer.yield.offers),
            LogKey.duration: .stringConvertible(answer.yield.tookMS),
        ]
        if let failure = answer.failure { metadata[LogKey.error] = .string("\(failure)".prefix(utf8: 512)) }
        logger.log(event: .matchSearched, level: .debug, "a source was asked", metadata: metadata)
    }
}

// MARK: - Memory

extension TrackSearch {
    /// A memory that cannot be read costs a question, not the job.
    private func isRemembered(_ source: String, _ query: String) async -> Bool {
        do {
            return try await misses?.holds(source, query) ?? false
        } catch {
            report(error)
            return false
        }
    }

    private func remember(_ source: String, _ query: String) async {
        do {
            try await misses?.note(source, query)
        } catch {
            report(error)
        }
    }

    private func report(_ error: any Error) {
        logger.log(
            event: .workerFailed, level: .warning, "the memory of searches without results cannot be used",
            metadata: [LogKey.error: .string("\(error)")])
    }
}
