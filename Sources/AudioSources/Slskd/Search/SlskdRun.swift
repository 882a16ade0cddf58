import Contracts
import Foundation
import Logging

/// One search at slskd, from its begin to the deletion of its record.
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

    /// - Throws: ``SlskdError``, `CancellationError`, and what the budget throws.
    func responses(within budget: any SearchBudget) async throws -> [SlskdSearchResponse] {
        do {
            try await begin(within: budget)
            let responses = try await collect()
            await drop()
            return responses
        } catch let error where error is SlskdError || error is CancellationError {
            // slskd keeps a record of what it refused, too.
            await drop()
            throw error
        }
    }

    // MARK: - Begin

    private func begin(within budget: any SearchBudget) async throws {
        do {
            try await budget.withPermit { try await post() }
        } catch let error as SlskdError where [.timedOut, .unavailable].contains(error.meaning) {
            // The answer may have been lost, and not the search.
            guard (try? await client.search(id.id)) != nil else { throw error }
        }
    }

    /// Within the patience, goes on while slskd is busy; the client waits in between.
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
            switch try await look(&watch) {
            case .goOn: continue
            case .stop: try await client.stopSearch(id.id)
            case .ended(let search): return try await read(search, watch)
            }
        }
    }

    private func look(_ watch: inout SlskdWatch) async throws -> SlskdWatch.Step {
        do {
            guard let search = try await client.search(id.id) else {
                throw SlskdError(.unavailable, "slskd forgot a search; it was restarted, or somebody deleted it")
            }
            return try watch.see(search)
        } catch let error as SlskdError where [.timedOut, .unavailable, .busy].contains(error.meaning) {
            try watch.miss(error)
            return .goOn
        }
    }

    /// They are stored a moment after the search has ended.
    private func read(_ search: SlskdSearch, _ watch: SlskdWatch) async throws -> [SlskdSearchResponse] {
        try watch.check(search)
        guard search.responseCount > 0 else { return [] }
        for pause in [0, 250, 500, 1000, 2000, 2000] {
            try await Task.sleep(for: .milliseconds(pause))
            let responses = try await client.responses(id.id)
            if !responses.isEmpty { return responses }
        }
        throw SlskdError(.unavailable, "slskd counted responses to a search and does not show them")
    }

    /// Deletes the record, also when the caller is cancelled. What fails here is left to the next sweep.
    private func drop() async {
        await Task { [self] in
            do {
                guard let search = try await client.search(id.id) else { return }
                if search.ending == nil { try await stop() }
                try await client.deleteSearch(id.id)
            } catch {
                logger.debug("a search at slskd is deleted later", metadata: ["reason": "\(error)"])
            }
        }.value
    }

    /// slskd writes the record once more when the search has stopped.
    private func stop() async throws {
        try await client.stopSearch(id.id)
        for pause in [50, 100, 200, 400, 800] {
            guard let search = try await client.search(id.id), !search.isStored else { return }
            try await Task.sleep(for: .milliseconds(pause))
        }
    }
}
