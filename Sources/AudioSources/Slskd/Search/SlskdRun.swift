import Contracts
import Foundation
import Logging

/// One search at slskd, from its start to the deletion of its record.
struct SlskdRun: Sendable {
    let client: SlskdClient
    let limits: SlskdSearchLimits
    let id: SlskdSearchID
    let text: String
    let logger: Logger

    init(_ text: String, client: SlskdClient, limits: SlskdSearchLimits, logger: Logger) {
        self.text = text
        self.client = client
        self.limits = limits
        self.logger = logger
        id = SlskdSearchID(until: .now + limits.lifetime)
    }

    /// Runs the search and returns the responses of the peers.
    /// - Throws: ``SlskdError``, `CancellationError`, and errors of the budget.
    func responses(within budget: any SearchBudget) async throws -> [SlskdSearchResponse] {
        do {
            try await begin(within: budget)
            let responses = try await collect()
            await deleteRecord()
            return responses
        } catch let error where error is SlskdError || error is CancellationError {
            // slskd also stores a record of a search that it refused.
            await deleteRecord()
            throw error
        }
    }

    // MARK: - Begin

    private func begin(within budget: any SearchBudget) async throws {
        do {
            try await budget.withPermit { try await post() }
        } catch let error as SlskdError where [.timedOut, .unavailable].contains(error.meaning) {
            // The search may have started although the response was lost.
            guard (try? await client.search(id.id)) != nil else { throw error }
        }
    }

    /// Repeats the request while slskd is busy, for a limited time. The client pauses in between.
    private func post() async throws {
        let deadline = ContinuousClock.now + limits.busyPatience
        while true {
            do {
                return try await client.startSearch(request)
            } catch let error as SlskdError where error.meaning == .busy && .now < deadline {
                continue
            }
        }
    }

    private var request: SlskdSearchRequest {
        SlskdSearchRequest(
            id: id.id, text: text, timeout: limits.quietTime, responseLimit: limits.responses, fileLimit: limits.files)
    }

    // MARK: - End

    private func collect() async throws -> [SlskdSearchResponse] {
        var watch = SlskdWatch(limits)
        while true {
            try await Task.sleep(for: watch.nextPause())
            switch try await poll(&watch) {
            case .wait: continue
            case .stop: try await client.stopSearch(id.id)
            case .ended(let search): return try await read(search, watch)
            }
        }
    }

    private func poll(_ watch: inout SlskdWatch) async throws -> SlskdWatch.Step {
        do {
            guard let search = try await client.search(id.id) else {
                throw SlskdError(
                    .unavailable, "slskd no longer has a search; it was restarted, or another client deleted it")
            }
            return try watch.observe(search)
        } catch let error as SlskdError where [.timedOut, .unavailable, .busy].contains(error.meaning) {
            try watch.observe(failure: error)
            return .wait
        }
    }

    /// Reads the responses. slskd stores them shortly after the search has ended.
    private func read(_ search: SlskdSearch, _ watch: SlskdWatch) async throws -> [SlskdSearchResponse] {
        try watch.check(search)
        guard search.responseCount > 0 else { return [] }
        for pause in [0, 250, 500, 1000, 2000, 2000] {
            try await Task.sleep(for: .milliseconds(pause))
            let responses = try await client.responses(id.id)
            if !responses.isEmpty { return responses }
        }
        throw SlskdError(.unavailable, "slskd counts responses to a search but does not return them")
    }

    /// Deletes the record, also when the caller is cancelled. After a failure the next sweep deletes it.
    private func deleteRecord() async {
        await Task { [self] in
            do {
                guard let search = try await client.search(id.id) else { return }
                if search.ending == nil { try await stop() }
                try await client.deleteSearch(id.id)
            } catch {
                logger.debug(
                    "cannot delete a search at slskd; it is deleted later", metadata: ["reason": "\(error)"])
            }
        }.value
    }

    /// Stops the search and waits until slskd has stored the record for the last time.
    private func stop() async throws {
        try await client.stopSearch(id.id)
        for pause in [50, 100, 200, 400, 800] {
            guard let search = try await client.search(id.id), !search.isStored else { return }
            try await Task.sleep(for: .milliseconds(pause))
        }
    }
}
