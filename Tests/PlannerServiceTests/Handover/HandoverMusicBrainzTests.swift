import Catalogues
import Contracts
import Foundation
import GRDB
import Testing

@testable import PlannerService

/// The handover of positions in lists of single releases to a version that lists release groups.
@Suite struct HandoverMusicBrainzTests {
    private static let artist = "f205627f-b70a-409d-adbe-66289b614e80"
    private static let link = "musicbrainz:artist:\(artist)"
    private static let day: Duration = .seconds(86_401)

    private static func cursor(isListed: Bool) -> Data {
        Data(#"{"offset":100,"pass":0,"isListed":\#(isListed),"releases":[{"id":"r","name":"R","artists":[]}]}"#.utf8)
    }

    @Test func `A list of releases that is not complete is read again from its beginning`() async throws {
        try await PlannerFixture.runWithOldLedger({ db in
            for (batch, isListed) in [("half", false), ("fresh", true)] {
                try db.execute(
                    sql: "UPDATE expansions SET link = ?, cursor = ? WHERE batch_id = ?",
                    arguments: [Self.link, Self.cursor(isListed: isListed), batch])
            }
            // Offsets of Spotify's lists did not change.
            try db.execute(
                sql: "UPDATE expansions SET cursor = ? WHERE batch_id = 'done'",
                arguments: [Self.cursor(isListed: false)])
        }) { planner, source in
            try await copy(source, to: planner)
            let cursors = try await planner.store.writer.read { db in
                try Data.fetchAll(db, sql: "SELECT cursor FROM expansions ORDER BY number")
            }.map { try ContractCoding.decode(ExpansionCursor.self, from: $0) }
            #expect(cursors.map(\.offset) == [100, 0, 100])
            #expect(cursors.map(\.releases.count) == [1, 0, 1])
        }
    }

    /// The positions of a check: between checks, or in the middle of the list.
    private static let runs = [
        nil,
        #"{"batchID":"watchlist-2-2","startedAt":"2027-01-16T08:00:01.000Z","offset":100,"isListed":false}"#,
    ]

    @Test(arguments: runs)
    func `The first list of a watched artist makes no jobs of what existed before the watch`(
        _ run: String?
    ) async throws {
        try await withWatch(run) { planner, watcher, catalogue in
            try await watcher.drain()
            #expect(catalogue.calls.first == "releases \(Self.artist) from 0")
            #expect(try await Self.titles(planner) == ["Song 650"])
            // Later checks treat every group that was not listed before as new.
            catalogue.change { shelf in
                shelf.releases[Self.artist]?.append(.test("release-group/late", "Late", date: "2012-05-05"))
                shelf.albumTracks["release-group/late"] = [.test(660)]
            }
            planner.clock.advance(by: Self.day)
            try await watcher.drain()
            #expect(try await Self.titles(planner) == ["Song 650", "Song 660"])
        }
    }

    @Test func `After a first list that failed the next one makes no jobs of earlier releases either`() async throws {
        try await withWatch(nil) { planner, watcher, catalogue in
            #expect(try await watcher.advance())
            catalogue.change { $0.failures = [.closed("the release")] }
            try await watcher.drain()
            #expect(try await Self.titles(planner) == [])
            planner.clock.advance(by: Self.day)
            try await watcher.drain()
            #expect(try await Self.titles(planner) == ["Song 650"])
        }
    }

    private func copy(_ source: LedgerHandover, to planner: PlannerFixture) async throws {
        try await Handover(planner.store, source, logger: planner.context(nil).logger).copyAll()
    }

    /// Runs a test after the handover of a watched artist of MusicBrainz, whose releases are known by their own ids.
    /// - Parameter run: The check that is under way, as JSON.
    private func withWatch(
        _ run: String?, _ test: (PlannerFixture, WatchTask, ShelfCatalogue) async throws -> Void
    ) async throws {
        try await PlannerFixture.runWithOldLedger({ db in
            try db.execute(
                sql: "UPDATE watchlist SET artist_key = ?, link = ?, run = ? WHERE number = 2",
                arguments: ["musicbrainz:\(Self.artist)", Self.link, run.map { Data($0.utf8) }])
        }) { planner, source in
            try await copy(source, to: planner)
            let catalogue = Self.shelf()
            let base = planner.context(nil)
            let context = TaskContext(
                store: base.store,
                catalogues: PlannerCatalogues(spotify: OldCatalogue.shelf(), musicBrainz: catalogue),
                submissions: planner.intake, limits: base.limits, worker: base.worker, logger: base.logger)
            try await test(planner, WatchTask(context: context, jitter: { 1 }), catalogue)
        }
    }

    /// Groups of releases from before the watch, and one that came later; seven of its tracks were submitted.
    private static func shelf() -> ShelfCatalogue {
        ShelfCatalogue(name: "musicbrainz") { shelf in
            shelf.releases[artist] = [
                .test("release-group/old", "Old 0", date: "2009-01-01"),
                .test("release-group/new", "Newer", date: "2027-01-16"),
            ]
            shelf.albumTracks["release-group/old"] = [.test(600), .test(601)]
            shelf.albumTracks["release-group/new"] = (620..<627).map { .test($0) } + [.test(650)]
        }
    }

    private static func titles(_ planner: PlannerFixture) async throws -> [String] {
        let submitted = Set((620..<627).map { "Song \($0)" })
        return try await planner.allJobs().filter { $0.batchID?.hasPrefix("watchlist-2-") == true }
            .map(\.track.title).filter { !submitted.contains($0) }
    }
}
