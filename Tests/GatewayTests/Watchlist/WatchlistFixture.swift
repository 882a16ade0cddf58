import Contracts
import Foundation
import Logging

@testable import Gateway

extension GatewayFixture {
    /// What looks at the watchlist, as a process of this name; its intervals do not vary.
    func watcher(_ catalogue: ShelfCatalogue?, on store: JobStore? = nil, worker: String = "test") -> Watcher {
        Watcher(
            store: store ?? self.store, catalogues: Catalogues(spotify: catalogue, musicBrainz: nil), limits: limits,
            outbox: wake, worker: worker, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            jitter: { 1 })
    }

    /// Begins to watch; `more` are further members of the request.
    func watch(_ key: String, _ more: String = "") async throws -> WatchEntry {
        let body = Data(#"{"artist_key":"\#(key)"\#(more)}"#.utf8)
        return try await store.add(try NewWatch(body, WatchDefaults(), at: clock.now))
    }

    func entry(_ key: String) async throws -> WatchEntry {
        guard let entry = try await store.watch(key) else { throw NotThere() }
        return entry
    }
}
