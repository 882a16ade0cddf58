import Catalogues
import Contracts
import Foundation
import GRDB
import Synchronization
import TestSupport

@testable import JobLedger
@testable import PlannerService

/// Hands over the tables of a real ledger, in pages of a size that a test sets, with crashes.
struct LedgerHandover: HandoverSource {
    final class State: Sendable {
        struct Values {
            var pageSize = 500
            /// How many calls succeed before the next crash; `nil` for no crash.
            var callsUntilCrash: Int?
        }

        let values = Mutex(Values())

        func withLock<Result>(_ body: (inout Values) throws -> Result) rethrows -> Result {
            try values.withLock { try body(&$0) }
        }
    }

    let ledger: JobStore
    let state = State()

    func page(
        of table: PlannerService.HandoverTable, after position: Int64, limit: Int
    ) async throws -> HandoverPage {
        let size = try state.withLock { state in
            if let calls = state.callsUntilCrash {
                guard calls > 0 else { throw SimulatedCrash() }
                state.callsUntilCrash = calls - 1
            }
            return min(limit, state.pageSize)
        }
        guard let source = JobLedger.HandoverTable(rawValue: table.rawValue) else { throw NotThere() }
        let rows = try await ledger.handoverRows(of: source, after: position, limit: size)
        return try ContractCoding.decode(HandoverPage.self, from: try ContractCoding.encode(rows))
    }

    func complete() async throws { try await ledger.completeHandover() }
}

/// The catalogue and the library that the dump of the earlier version was made with.
enum OldCatalogue {
    private static let artist = ShelfID.of(1, "a")
    private static let album = ShelfID.of(1, "b")

    static func shelf() -> ShelfCatalogue {
        ShelfCatalogue(pageSize: 10) { shelf in
            shelf.playlists[ShelfID.of(1, "p")] = (0..<40).map { .track(.test($0)) }
            shelf.playlists[ShelfID.of(3, "p")] = (700..<710).map { .track(.test($0)) }
            shelf.playlists[ShelfID.of(2, "p")] = (300..<307).map { .track(.test($0)) }
            shelf.snapshots[ShelfID.of(2, "p")] = "2"
            shelf.releases[artist] = []
            shelf.albumTracks["new"] = (610..<613).map { .test($0) }
            shelf.albums[album] = .test(album, "Blue", total: 6)
            shelf.albumTracks[album] = (501...506).map { .test($0) }
            shelf.tracks[ShelfID.of(505)] = .test(505, album: .test(album, "Blue", total: 6))
        }
    }

    /// The rest of the library: the backfill has read the files before.
    static func library() -> ShelfLibrary {
        ShelfLibrary([
            LibraryFile(
                path: "Nina Simone/Zong 505.flac", sha256: "x",
                track: Track(artist: "Nina Simone", title: "Song 505", album: "Blue"))
        ])
    }
}

extension PlannerFixture {
    /// Runs a test with a planner in front of a ledger that is opened from the dump of an earlier version.
    /// - Parameter prepare: Changes the dump before the migration.
    static func runWithOldLedger(
        _ prepare: @escaping @Sendable (Database) throws -> Void = { _ in },
        _ test: (PlannerFixture, LedgerHandover) async throws -> Void
    ) async throws {
        try await run { planner in
            let path = planner.folder.path("old.db")
            let dump = PackageRoot.path("Tests/JobLedgerTests/Dumps/before-planner.sql")
            let queue = try DatabaseQueue(path: path)
            let sql = try String(contentsOfFile: dump, encoding: .utf8)
            try await queue.writeWithoutTransaction { db in
                try db.execute(sql: sql)
                try prepare(db)
            }
            try queue.close()
            // The clock of the dump.
            planner.clock.advance(by: .seconds(86_401))
            let ledger = try JobStore.open(.file(path)) { [clock = planner.clock] in clock.now }
            try await test(planner.replacing(ledger), LedgerHandover(ledger: ledger))
            try ledger.close()
        }
    }

    /// The same planner with another ledger behind it.
    func replacing(_ ledger: JobStore) -> PlannerFixture { PlannerFixture(self, ledger) }
}
