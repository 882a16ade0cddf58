import Contracts
import Logging
import ServiceKit

extension TrackSearch {
    /// Returns whether the cache has a query without a result. A database error costs a request, not the job.
    func isKnownMiss(_ source: String, _ query: String) async -> Bool {
        do {
            return try await misses?.contains(source, query) ?? false
        } catch {
            log(error)
            return false
        }
    }

    /// Adds a query without a result to the cache.
    func recordMiss(_ source: String, _ query: String) async {
        do {
            try await misses?.insert(source, query)
        } catch {
            log(error)
        }
    }

    private func log(_ error: any Error) {
        logger.log(
            event: .workerFailed, level: .warning, "cannot use the cache of searches without a result (match.db)",
            metadata: [LogKey.error: .string("\(error)")])
    }
}
