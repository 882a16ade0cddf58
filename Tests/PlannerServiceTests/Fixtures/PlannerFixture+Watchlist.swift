import Contracts
import Foundation

@testable import PlannerService

extension PlannerFixture {
    /// The task that checks the watchlist, as a process of this name; its intervals do not vary.
    func watcher(_ catalogue: ShelfCatalogue?, on store: PlannerStore? = nil, worker: String = "test") -> WatchTask {
        WatchTask(context: context(catalogue, on: store, worker: worker), jitter: { 1 })
    }

    /// Adds an entry; `more` are further members of the request.
    func watch(_ key: String, _ more: String = "") async throws -> WatchEntry {
        let body = Data(#"{"artist_key":"\#(key)"\#(more)}"#.utf8)
        return try await store.add(try NewWatch(body, WatchDefaults(), at: clock.now))
    }

    func entry(_ key: String) async throws -> WatchEntry {
        guard let entry = try await store.watch(key) else { throw NotThere() }
        return entry
    }

    /// Leases the next entry, as a process that is about to die.
    func leaseWatch(on store: PlannerStore? = nil, worker: String) async throws -> WatchEntry? {
        guard case .row(let row) = try await (store ?? self.store).lease(WatchEntry.self, to: worker) else {
            return nil
        }
        return row
    }
}
