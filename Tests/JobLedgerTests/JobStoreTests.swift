import Contracts
import Databases
import Foundation
import GRDB
import TestSupport
import Testing

@testable import JobLedger

@Suite struct JobStoreTests {
    @Test func `Migrations have unique names, numbered in order`() {
        let names = Migration.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names == names.sorted())
        #expect(names.allSatisfy { $0.contains(/^[0-9]{3}-[a-z-]+$/) })
        #expect(Set(names.map { $0.prefix(3) }).count == names.count)
    }

    @Test func `A database of every earlier version is migrated`() async throws {
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

    @Test func `A missing parent folder is not created, because its volume may not be mounted`() async throws {
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

    @Test func `A submission is on the disk before its response`() async throws {
        try await LedgerFixture.run { ledger in
            _ = try await ledger.submit(title: "Sinnerman")
            _ = try await ledger.store.lease(1, to: "here", for: .seconds(1))
            _ = try await ledger.submit(title: "Feeling Good")
            let (mode, synchronous) = try await ledger.store.writer.writeWithoutTransaction { db in
                (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
            }
            #expect(mode == "wal")
            #expect(synchronous == 2)
        }
    }

    @Test func `A submission that fails does not affect the others of its transaction`() async throws {
        try await LedgerFixture.run { ledger in
            func key(_ hash: String) -> ReplayKey {
                ReplayKey("k", scope: "", bodyHash: hash, origin: .publisher, lifetime: .seconds(60))
            }
            _ = try await ledger.submit(#"{"items":[{"artist":"A","title":"first"}]}"#, replay: key("first"))
            let results = try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask { () -> Bool in
                        let body = #"{"items":[{"artist":"A","title":"\#(number)"}]}"#
                        do {
                            _ = try await ledger.submit(body, replay: number.isMultiple(of: 5) ? key("other") : nil)
                            return true
                        } catch is IdempotencyConflict {
                            return false
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0 } == 40)
            #expect(try await ledger.store.jobs(JobFilter()).total == 41)
            #expect(try await ledger.store.outboxDepth() == 41)
        }
    }

    @Test func `Jobs and reservations survive a restart`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("state/gateway.db")
            let before = try JobStore.open(.file(path))
            let body = #"{"items":[{"artist":"A","title":"T"}]}"#
            let first = try await before.submit(body).response
            try before.close()
            let after = try JobStore.open(.file(path))
            let second = try await after.submit(body).response
            #expect(second.items[0].status == .alreadyEnqueued)
            #expect(second.items[0].jobID == first.items[0].jobID)
            #expect(try await after.outboxDepth() == 1)
            try after.close()
        }
    }

    @Test func `A database in memory works like a file`() async throws {
        let store = try JobStore.open(.memory)
        let body = #"{"items":[{"artist":"A","title":"T"}]}"#
        #expect(try await store.submit(body).response.items[0].status == .enqueued)
        #expect(try await store.submit(body).response.items[0].status == .alreadyEnqueued)
        #expect(try await store.lease(1, to: "a", for: .seconds(1)).count == 1)
        try store.close()
    }

    @Test func `One damaged row does not hide the others`() async throws {
        try await LedgerFixture.run { ledger in
            let damaged = try await ledger.submit(title: "Sinnerman").jobID
            let other = try await ledger.submit(title: "Feeling Good").jobID
            try await ledger.store.writer.write { db in
                try db.execute(sql: "UPDATE jobs SET state = 'odd' WHERE job_id = ?", arguments: [damaged.text])
            }
            #expect(try await ledger.store.jobs(JobFilter()).items.map(\.jobID) == [other])
        }
    }

    // MARK: - Outbox

    @Test func `Entries are leased once, by priority, and again after the lease expires`() async throws {
        try await LedgerFixture.run { ledger in
            _ = try await ledger.submit(
                """
                {"items":[{"artist":"A","title":"1","priority":3},{"artist":"A","title":"2","priority":9},
                          {"artist":"A","title":"3","priority":9},{"artist":"A","title":"4","priority":1}]}
                """)
            let other = try ledger.secondStore()
            let first = try await ledger.store.lease(3, to: "here", for: .seconds(10))
            #expect(first.map(\.priority) == [9, 9, 3])
            #expect(first[0].number < first[1].number)
            #expect(try await other.lease(10, to: "there", for: .seconds(10)).map(\.priority) == [1])
            #expect(try await other.lease(10, to: "there", for: .seconds(10)).isEmpty)
            try await ledger.store.release([first[2]], of: "here")
            #expect(try await other.lease(10, to: "there", for: .seconds(10)).map(\.messageID) == [first[2].messageID])
            ledger.clock.advance(by: .seconds(10))
            let taken = try await other.lease(10, to: "there", for: .seconds(10))
            #expect(Set(taken.map(\.messageID)).isSuperset(of: first.map(\.messageID)))
            try await other.remove(taken)
            #expect(try await ledger.store.outboxDepth() == 0)
            try other.close()
        }
    }

    @Test func `A process cannot end a lease that another process has taken over`() async throws {
        try await LedgerFixture.run { ledger in
            _ = try await ledger.submit(title: "Sinnerman")
            let late = try await ledger.store.lease(1, to: "here", for: .seconds(1))
            ledger.clock.advance(by: .seconds(2))
            #expect(try await ledger.store.lease(1, to: "there", for: .seconds(10)).count == 1)
            try await ledger.store.release(late, of: "here")
            try await ledger.store.releaseAll(of: "here")
            #expect(try await ledger.store.lease(1, to: "here", for: .seconds(1)).isEmpty)
            try await ledger.store.releaseAll(of: "there")
            #expect(try await ledger.store.lease(1, to: "here", for: .seconds(1)) == late)
        }
    }

    @Test func `Each entry is leased by one of many concurrent processes`() async throws {
        try await LedgerFixture.run { ledger in
            let items = (0..<200).map { #"{"artist":"A","title":"\#($0)"}"# }.joined(separator: ",")
            _ = try await ledger.submit("{\"items\":[\(items)]}")
            let other = try ledger.secondStore()
            let entries = try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    let store = number.isMultiple(of: 2) ? ledger.store : other
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
        try await LedgerFixture.run { ledger in
            let items = (0..<30).map { #"{"artist":"A","title":"\#($0)"}"# }.joined(separator: ",")
            _ = try await ledger.submit("{\"batch_id\":\"b1\",\"items\":[\(items)]}")
            let other = try await ledger.submit(#"{"kind":"backfill","items":[{"artist":"B","title":"x"}]}"#)
            try await ledger.apply(
                .test(.deadLettered, .match, .deadLetter, hop: 0, job: other.items[0].jobID, key: "b|x|"))
            let page = try await ledger.store.jobs(JobFilter(batchID: "b1", limit: 10, offset: 5))
            #expect(page.total == 30)
            #expect(page.items.map(\.title) == (15..<25).reversed().map(String.init))
            #expect(try await ledger.store.jobs(JobFilter(states: [.deadLetter])).items.map(\.artist) == ["B"])
            #expect(try await ledger.store.jobs(JobFilter(kind: .manual, limit: 100)).items.count == 30)
            #expect(try await ledger.store.jobs(JobFilter()).items.first?.artist == "B")
            #expect(try await ledger.store.jobs(JobFilter(offset: 31)).items.isEmpty)
        }
    }

    @Test func `A batch has totals, durations and a state`() async throws {
        try await LedgerFixture.run { ledger in
            #expect(try await ledger.store.batch("b1") == nil)
            let answer = try await ledger.submit(
                """
                {"batch_id":"b1","requested_by":"alice","items":[{"artist":"A","title":"1"},{"artist":"A","title":"2"},
                 {"artist":"A","title":"2"}]}
                """)
            let running = try #require(try await ledger.store.batch("b1"))
            #expect(running.state == .running)
            #expect(running.itemsTotal == 3)
            #expect(running.alreadyEnqueued == 1)
            #expect(running.totals["queued"] == 2)
            #expect(running.durations == BatchSummary.Durations())
            let start = ledger.clock.now
            ledger.clock.advance(by: .seconds(9))
            try await ledger.apply(
                .test(
                    .completed, .move, .completed, hop: 3, job: answer.items[0].jobID, key: "a|1|",
                    at: start + .seconds(7)),
                .test(
                    .deadLettered, .match, .deadLetter, hop: 0, job: answer.items[1].jobID, key: "a|2|",
                    at: start + .seconds(9)))
            let ended = try #require(try await ledger.store.batch("b1"))
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
