import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

/// Dead letters of which only the copy for the index arrived, because their queue was missing or not bound.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MissedDeadLetterTests {
    private static let queue = "hdm.dlq.download"

    @Test func `Jobs that died while their dead-letter queue was missing are put into it, with all headers`()
        async throws
    {
        try await RecoveryFixture.run { fixture in
            try await fixture.runtime.consuming.deleteQueue(Self.queue)
            for number in 1...2 { try await fixture.deadLetter(number, headers: ["x-own": .integer(Int64(number))]) }
            try await fixture.untilIndexed(2)
            let before = try await fixture.list("order_dir=asc")
            try await fixture.runtime.publishing.declare(Topology().declarations)
            try await fixture.untilListed(["present", "present"])
            try await eventually("both are in their queue") { try await fixture.depth(Self.queue) == 2 }
            #expect(try await fixture.list("order_dir=asc") == before)
            let message = try #require(
                try await fixture.runtime.consuming.inspect(Self.queue) { try await $0.next() }?.message)
            #expect(message.body == (try fixture.message(1)).body)
            #expect(message.properties.messageID == "m-1")
            #expect(message.properties.headers["x-own"] == 1)
            #expect(message.properties.headers[MessageHeader.deadReason] == "no_source")
            #expect(message.properties.isPersistent)
        }
    }

    @Test func `A purge or a move by hand stays one, once the dead letter was put into its queue`() async throws {
        try await RecoveryFixture.run { fixture in
            try await unbindQueue(fixture)
            for number in 1...2 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(2)
            try await eventually("both are in their queue") { try await fixture.depth(Self.queue) == 2 }
            try await fixture.untilListed(["present", "present"])
            #expect(try await fixture.runtime.consuming.purgeQueue(Self.queue) == 2)
            try await fixture.untilListed(["held", "held"])
            #expect(try await fixture.list().count == 2)
            #expect(try await fixture.depth(Self.queue) == 0)
        }
    }

    @Test func `A dead letter whose job was restarted meanwhile is closed and not put into its queue`() async throws {
        try await withOperations { fixture, index, operations in
            let claims = GenerationClaims(StagingArea(downloads: fixture.runtime.settings.downloadsDir))
            #expect(try claims.claim(1, of: #require(JobID("job-1")), claimant: "the gateway"))
            try await index.recordMissed(1, 2, in: fixture)
            try await operations.reconcile()
            #expect(try await fixture.jobs(in: Self.queue) == ["job-2"])
            #expect(try await index.list(DeadLetterQuery()).items.map(\.record.id) == ["m-2"])
        }
    }

    @Test func `During an upgrade of the queues no dead letter is put into its queue, and afterwards it is`()
        async throws
    {
        try await withOperations { fixture, index, operations in
            try await index.recordMissed(1, in: fixture)
            let markers = PauseMarkers(downloads: fixture.runtime.settings.downloadsDir)
            // The survey began before.
            try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
            try await operations.reconcile()
            #expect(try await fixture.depth(Self.queue) == 0)
            #expect(try markers.resume(.all, for: PauseMarkers.upgrade))
            await fixture.runtime.pauses.refresh()
            for _ in 0..<2 { try await operations.reconcile() }
            #expect(try await fixture.jobs(in: Self.queue) == ["job-1"])
            #expect(try await index.entries(["m-1"])["m-1"]?.presence == .present)
        }
    }

    @Test func `A dead letter of which the index has no body is missing`() async throws {
        try await withOperations { fixture, index, operations in
            try await index.recordMissed(1, in: fixture)
            try await index.write(.soon) { try $0.execute(sql: "UPDATE message SET body = NULL") }
            try await operations.reconcile()
            #expect(try await fixture.depth(Self.queue) == 0)
            #expect(try await index.entries(["m-1"])["m-1"]?.presence == .held)
        }
    }

    /// Operations of a service that does not run, so that nothing else surveys the queues.
    private func withOperations(
        _ test: (RecoveryFixture, DeadLetterIndex, DeadLetterOperations) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let fixture = try RecoveryFixture(vhost, folder)
                try await fixture.runtime.publishing.declare(Topology().declarations)
                await fixture.runtime.pauses.refresh()
                let index = try await DeadLetterIndex.open(
                    at: folder.file("recovery.db"), logger: fixture.runtime.logger)
                try await test(fixture, index, DeadLetterOperations(fixture.runtime, index: index, holdLimit: 10))
                await fixture.runtime.consuming.close()
                await fixture.runtime.publishing.close()
            }
        }
    }

    /// Leaves the queue without its bindings.
    private func unbindQueue(_ fixture: RecoveryFixture) async throws {
        try await fixture.runtime.publishing.deleteQueue(Self.queue)
        let table = try #require(Topology().declarations.first { $0.label == "queue \(Self.queue)" })
        try await fixture.runtime.consuming.declare([table])
    }
}

extension RecoveryFixture {
    /// Waits until the list shows dead letters with these presences.
    fileprivate func untilListed(_ presences: [String]) async throws {
        try await eventually("\(presences)") { try await list().texts("presence") == presences }
    }
}

extension DeadLetterIndex {
    /// Records the copies of dead letters that their queue did not get.
    fileprivate func recordMissed(_ numbers: Int..., in fixture: RecoveryFixture) async throws {
        let headers: FieldTable = [
            MessageHeader.deadReason: "no_source", MessageHeader.deadAt: "2026-01-31T08:20:03.000Z",
        ]
        _ = try await record(
            numbers.map { number in
                try ReadDeadLetter(
                    RoutedMessage(
                        message: try fixture.message(number, headers: headers), exchange: ExchangeName.deadLetters,
                        routingKey: "dead.download"))
            })
    }
}
