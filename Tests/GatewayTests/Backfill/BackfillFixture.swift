import Contracts
import Foundation
import Logging
import Synchronization

@testable import Gateway

/// A library in memory.
final class ShelfLibrary: Library {
    struct State {
        var files: [LibraryFile] = []
        var isAway = false
        var kept = 0
    }

    let state: Mutex<State>

    init(_ files: [LibraryFile]) {
        state = Mutex(State(files: files.sorted { $0.path < $1.path }))
    }

    var files: [LibraryFile] { state.withLock { $0.files } }

    func files(after path: String?, limit: Int) async throws(LibraryError) -> LibraryPage {
        let (files, isAway) = state.withLock { ($0.files, $0.isAway) }
        if isAway { throw LibraryError(description: "away") }
        let rest = files.filter { file in path.map { $0 < file.path } ?? true }
        return LibraryPage(items: Array(rest.prefix(limit)), next: rest.count > limit ? rest[limit - 1].path : nil)
    }

    func keep(_ files: [LibraryFile]) async throws(LibraryError) {
        state.withLock { state in
            for file in files {
                guard let place = state.files.firstIndex(where: { $0.path == file.path }) else { continue }
                state.files[place] = file
                state.kept += 1
            }
        }
    }
}

extension LibraryFile {
    static func test(_ title: String, artist: String = "Nina Simone", album: String? = nil) -> LibraryFile {
        LibraryFile(
            path: "\(artist)/\(title).flac", sha256: title, track: Track(artist: artist, title: title, album: album))
    }
}

extension GatewayFixture {
    func backfiller(
        _ catalogue: ShelfCatalogue?, _ library: ShelfLibrary, on store: JobStore? = nil, worker: String = "test"
    ) -> Backfiller {
        Backfiller(
            store: store ?? self.store, catalogues: Catalogues(spotify: catalogue, musicBrainz: nil), library: library,
            limits: limits, outbox: wake, worker: worker,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func backfill(_ id: JobID) async throws -> Backfill {
        guard let backfill = try await store.backfill(id) else { throw NotThere() }
        return backfill
    }
}
