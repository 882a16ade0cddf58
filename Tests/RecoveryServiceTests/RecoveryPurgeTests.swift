import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct RecoveryPurgeTests {
    @Test func `A purge by id drops these dead letters and no others`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<4 { try await fixture.deadLetter(number) }
            let reply = try await fixture.post("/api/v1/dlq/purge", ["ids": ["m-1", "m-3"]])
            #expect(reply.data == ["purged": 2, "ids": ["m-1", "m-3"], "skipped": [], "dry_run": false])
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-0", "job-2"])
            #expect(try await fixture.events() == ["job.download.purged", "job.download.purged"])
            let again = try await fixture.requeue(["m-1"])
            #expect(again.data["skipped"]?.elements.texts("reason") == ["not_dead_letter"])
            #expect(try await fixture.list().count == 2)
        }
    }

    @Test func `A purge takes a dead letter with all its copies`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            try await fixture.untilIndexed(1)
            try await fixture.deadLetter(2)
            for _ in 0..<2 { try await fixture.deadLetter(1) }
            let reply = try await fixture.post("/api/v1/dlq/purge", ["ids": ["m-1"]])
            #expect(reply.data["ids"]?.texts == ["m-1"])
            try await eventually("one is left") { try await fixture.depth("hdm.dlq.download") == 1 }
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-2"])
        }
    }

    @Test func `A purge by age drops dead letters that are old enough and have the reason`() async throws {
        try await RecoveryFixture.run(["DLQ_PURGE_LIMIT": "2"]) { fixture in
            for number in 0..<3 { try await fixture.deadLetter(number) }
            try await fixture.deadLetter(3, at: .tag, .timeout, "slow")
            let none = try await fixture.post("/api/v1/dlq/purge", ["older_than": "1h"])
            #expect(none.data["purged"] == 0)
            let slow = try await fixture.post("/api/v1/dlq/purge", ["older_than": "0s", "reason": "timeout"])
            #expect(slow.data["ids"]?.texts == ["m-3"])
            let two = try await fixture.post("/api/v1/dlq/purge", ["older_than": "2999-01-01T00:00:00Z"])
            #expect(two.data["ids"]?.texts == ["m-0", "m-1"])
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-2"])
        }
    }

    @Test func `An operation is recorded in the index with its outcome`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<2 { try await fixture.deadLetter(number) }
            _ = try await fixture.requeue(["m-0"])
            _ = try await fixture.post("/api/v1/dlq/purge", ["ids": ["m-1"]])
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("state/recovery.db"), logger: fixture.runtime.logger)
            #expect(try await index.operatorRequests(of: "m-0") == ["requeue done"])
            #expect(try await index.operatorRequests(of: "m-1") == ["purge done"])
        }
    }
}
