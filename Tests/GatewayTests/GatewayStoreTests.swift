import Contracts
import Databases
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Gateway

@Suite struct GatewayStoreTests {
    @Test func `Migrations have unique names, numbered in order`() {
        let names = Migration.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names == names.sorted())
        #expect(names.allSatisfy { $0.contains(/^[0-9]{3}-[a-z-]+$/) })
        #expect(Set(names.map { $0.prefix(3) }).count == names.count)
    }

    @Test func `A database of every earlier version is brought up to date`() async throws {
        for count in 0..<Migration.all.count {
            try await withTemporaryFolder { folder in
                let path = folder.path("gateway.db")
                let old = try DatabasePool(path: path)
                try DatabaseMigrator(Array(Migration.all.prefix(count))).migrate(old)
                try old.close()
                let store = try JobStore.open(.file(path))
                try await store.probe()
                #expect(try await store.outboxDepth() == 0)
                try store.close()
            }
        }
    }

    @Test func `A database that a newer program changed is refused and left alone`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("gateway.db")
            let future = Migration(name: "999-future") { try $0.execute(sql: "CREATE TABLE future (x)") }
            try JobStore.open(.file(path), steps: Migration.all + [future]).close()
            #expect(throws: NewerDatabase.self) { try JobStore.open(.file(path)) }
            let queue = try DatabaseQueue(path: path)
            #expect(try await queue.read { try $0.tableExists("future") })
            try queue.close()
        }
    }

    @Test func `A folder above that is missing is not made: its volume may not be mounted`() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: JobStoreError.self) {
                try JobStore.open(.file(folder.path("not-mounted/.harmony/idempotency.db")))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path("not-mounted")))
        }
    }

    @Test func `Several processes may open one new file at once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("state/gateway.db")
            let stores = try await withThrowingTaskGroup { group in
                for _ in 0..<6 { group.addTask { try JobStore.open(.file(path)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for store in stores {
                try await store.probe()
                try store.close()
            }
        }
    }

    @Test func `A commit is on the disk before it is answered`() async throws {
        try await GatewayFixture.run { gateway in
            _ = try await gateway.submit(title: "Sinnerman")
            _ = try await gateway.store.lease(1, to: "here", for: .seconds(1))
            _ = try await gateway.submit(title: "Feeling Good")
            let (mode, synchronous) = try await gateway.store.writer.writeWithoutTransaction { db in
                (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
            }
            #expect(mode == "wal")
            #expect(synchronous == 2)
        }
    }

    @Test func `Submissions that share a transaction stand alone`() async throws {
        try await GatewayFixture.run { gateway in
            let taken = #"{"items":[{"artist":"A","title":"taken"}]}"#
            func key(_ body: String) -> ReplayKey { ReplayKey("k", scope: "", body: Data(body.utf8), origin: .client) }
            _ = try await gateway.submit(taken, replay: key(taken))
            let results = try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask { () -> Bool in
                        let body = #"{"items":[{"artist":"A","title":"\#(number)"}]}"#
                        do throws(IntakeError) {
                            let replay = number.isMultiple(of: 5) ? key(body) : nil
                            _ = try await gateway.intake.submit(Data(body.utf8), replay: replay)
                            return true
                        } catch {
                            guard case .conflict = error else { throw error }
                            return false
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0 } == 40)
            #expect(try await gateway.store.jobs(JobFilter()).total == 41)
            #expect(try await gateway.store.outboxDepth() == 41)
        }
    }

    @Test func `What was kept is there after a restart`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("state/gateway.db")
            let before = try JobStore.open(.file(path))
            let body = Data(#"{"items":[{"artist":"A","title":"T"}]}"#.utf8)
            let first = try await Intake(before, limits: IntakeLimits(), outbox: WakeSignal(), worker: "a")
                .submit(body).answer
            try before.close()
            let after = try JobStore.open(.file(path))
            let second = try await Intake(after, limits: IntakeLimits(), outbox: WakeSignal(), worker: "b")
                .submit(body).answer
            #expect(second.items[0].status == .alreadyEnqueued)
            #expect(second.items[0].jobID == first.items[0].jobID)
            #expect(try await after.outboxDepth() == 1)
            try after.close()
        }
    }

    @Test func `A database in memory works alike`() async throws {
        let store = try JobStore.open(.memory)
        let intake = Intake(store, limits: IntakeLimits(), outbox: WakeSignal(), worker: "a")
        let body = Data(#"{"items":[{"artist":"A","title":"T"}]}"#.utf8)
        #expect(try await intake.submit(body).answer.items[0].status == .enqueued)
        #expect(try await intake.submit(body).answer.items[0].status == .alreadyEnqueued)
        #expect(try await store.lease(1, to: "a", for: .seconds(1)).count == 1)
        try store.close()
    }

    // MARK: - Outbox

    @Test func `Entries are leased once, most urgent first, and can be taken over when the lease is over`() async throws
    {
        try await GatewayFixture.run { gateway in
            _ = try await gateway.submit(
                """
                {"items":[{"artist":"A","title":"1","priority":3},{"artist":"A","title":"2","priority":9},
                          {"artist":"A","title":"3","priority":9},{"artist":"A","title":"4","priority":1}]}
                """)
            let other = try gateway.secondStore()
            let first = try await gateway.store.lease(3, to: "here", for: .seconds(10))
            #expect(first.map(\.priority) == [9, 9, 3])
            #expect(first[0].number < first[1].number)
            #expect(try await other.lease(10, to: "there", for: .seconds(10)).map(\.priority) == [1])
            #expect(try await other.lease(10, to: "there", for: .seconds(10)).isEmpty)
            try await gateway.store.release([first[2]], of: "here")
            #expect(try await other.lease(10, to: "there", for: .seconds(10)).map(\.messageID) == [first[2].messageID])
            gateway.clock.advance(by: .seconds(10))
            let taken = try await other.lease(10, to: "there", for: .seconds(10))
            #expect(Set(taken.map(\.messageID)).isSuperset(of: first.map(\.messageID)))
            try await other.remove(taken)
            #expect(try await gateway.store.outboxDepth() == 0)
            try other.close()
        }
    }

    @Test func `A lease that another process took over is not given back by the first`() async throws {
        try await GatewayFixture.run { gateway in
            _ = try await gateway.submit(title: "Sinnerman")
            let late = try await gateway.store.lease(1, to: "here", for: .seconds(1))
            gateway.clock.advance(by: .seconds(2))
            #expect(try await gateway.store.lease(1, to: "there", for: .seconds(10)).count == 1)
            try await gateway.store.release(late, of: "here")
            try await gateway.store.releaseAll(of: "here")
            #expect(try await gateway.store.lease(1, to: "here", for: .seconds(1)).isEmpty)
            try await gateway.store.releaseAll(of: "there")
            #expect(try await gateway.store.lease(1, to: "here", for: .seconds(1)) == late)
        }
    }

    @Test func `Each entry is leased by one of many who ask at once`() async throws {
        try await GatewayFixture.run { gateway in
            let items = (0..<200).map { #"{"artist":"A","title":"\#($0)"}"# }.joined(separator: ",")
            _ = try await gateway.submit("{\"items\":[\(items)]}")
            let other = try gateway.secondStore()
            let entries = try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    let store = number.isMultiple(of: 2) ? gateway.store : other
                    group.addTask { try await store.lease(10, to: "\(number)", for: .seconds(60)) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(entries.count == 200)
            #expect(Set(entries.map(\.number)).count == 200)
            try other.close()
        }
    }

    // MARK: - Looking

    @Test func `A list is newest first, filtered, in pages, with the total`() async throws {
        try await GatewayFixture.run { gateway in
            let items = (0..<30).map { #"{"artist":"A","title":"\#($0)"}"# }.joined(separator: ",")
            _ = try await gateway.submit("{\"batch_id\":\"b1\",\"items\":[\(items)]}")
            let other = try await gateway.submit(#"{"kind":"backfill","items":[{"artist":"B","title":"x"}]}"#)
            try await gateway.tell(
                .test(.deadLettered, .match, .deadLetter, hop: 0, job: other.items[0].jobID, key: "b|x|"))
            let page = try await gateway.store.jobs(JobFilter(batchID: "b1", limit: 10, offset: 5))
            #expect(page.total == 30)
            #expect(page.items.map(\.title) == (15..<25).reversed().map(String.init))
            #expect(try await gateway.store.jobs(JobFilter(states: [.deadLetter])).items.map(\.artist) == ["B"])
            #expect(try await gateway.store.jobs(JobFilter(kind: .manual, limit: 100)).items.count == 30)
            #expect(try await gateway.store.jobs(JobFilter()).items.first?.artist == "B")
            #expect(try await gateway.store.jobs(JobFilter(offset: 31)).items.isEmpty)
        }
    }

    @Test func `A batch tells its totals, durations and verdict`() async throws {
        try await GatewayFixture.run { gateway in
            #expect(try await gateway.store.batch("b1") == nil)
            let answer = try await gateway.submit(
                """
                {"batch_id":"b1","requested_by":"alice","items":[{"artist":"A","title":"1"},{"artist":"A","title":"2"},
                 {"artist":"A","title":"2"}]}
                """)
            let running = try #require(try await gateway.store.batch("b1"))
            #expect(running.state == .running)
            #expect(running.itemsTotal == 3)
            #expect(running.alreadyEnqueued == 1)
            #expect(running.totals["queued"] == 2)
            #expect(running.durations == BatchSummary.Durations())
            let start = gateway.clock.now
            try await gateway.tell(
                .test(
                    .completed, .move, .completed, hop: 3, job: answer.items[0].jobID, key: "a|1|",
                    at: start + .seconds(7)),
                .test(
                    .deadLettered, .match, .deadLetter, hop: 0, job: answer.items[1].jobID, key: "a|2|",
                    at: start + .seconds(9)))
            let ended = try #require(try await gateway.store.batch("b1"))
            #expect(ended.state == .partialSuccess)
            #expect(ended.totals["completed"] == 1)
            #expect(ended.totals["dead_letter"] == 1)
            #expect(ended.durations == BatchSummary.Durations(total: 9000, p95: 7000, p99: 7000))
        }
    }

    @Test func `Percentiles are of the nearest rank`() {
        #expect([Int64]().percentile(95) == nil)
        #expect([Int64(5)].percentile(95) == 5)
        #expect((1...100).map(Int64.init).percentile(95) == 95)
        #expect((1...100).map(Int64.init).percentile(99) == 99)
        #expect((1...20).map(Int64.init).percentile(95) == 19)
        #expect((1...21).map(Int64.init).percentile(95) == 20)
    }
}
