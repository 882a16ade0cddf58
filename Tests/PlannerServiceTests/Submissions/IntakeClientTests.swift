import AMQP
import Catalogues
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import PlannerService

/// Submissions over a real broker, with crashes and lost responses.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct IntakeClientTests {
    private static let list = ShelfID.of(1, "p")
    private static let link = "spotify:playlist:\(list)"

    private static func catalogue() -> ShelfCatalogue {
        ShelfCatalogue { $0.playlists[list] = (0..<200).map { .track(.test($0)) } }
    }

    private func expectAllJobs(_ fixture: BrokerFixture, _ id: JobID) async throws {
        let expansion = try await fixture.planner.expansion(id)
        #expect(expansion.state == .completed)
        #expect(expansion.counts.enqueued == 200 && expansion.counts.alreadyEnqueued == 0)
        #expect(try await fixture.planner.allJobs().map(\.track.title) == (0..<200).map { "Song \($0)" })
    }

    @Test func `A crash between publish and response repeats the same bytes, in each step`() async throws {
        try await BrokerFixture.run { fixture in
            let id = try await fixture.planner.insert(Self.link)
            var client = fixture.client
            // On a busy machine a response is late, and the submission would be published a third time.
            client.responseTimeout = .seconds(600)
            var crashes = 0
            while try await !fixture.planner.expansion(id).state.isFinal {
                let store = try fixture.planner.secondStore()
                var doomed = client
                doomed.didPublish = { throw SimulatedCrash() }
                await #expect(throws: SimulatedCrash.self) {
                    _ = try await fixture.expander(Self.catalogue(), on: store, doomed).advance()
                }
                try store.close()
                crashes += 1
                fixture.planner.clock.advance(by: .seconds(6))
                let next = try fixture.planner.secondStore()
                #expect(try await fixture.expander(Self.catalogue(), on: next, client).advance())
                try next.close()
            }
            #expect(crashes == 4)
            try await expectAllJobs(fixture, id)
            let submissions = fixture.planner.intake.received.submissions.withLock { $0 }
            #expect(submissions.count == 8 && Set(submissions.map(\.key)).count == 4)
            #expect(Set(submissions.map(\.body)).count == 4)
        }
    }

    @Test func `A submission without a response is published again with the same key and bytes`() async throws {
        try await BrokerFixture.run { fixture in
            let id = try await fixture.planner.insert(Self.link)
            fixture.gateway.lostResponses.set(2)
            var client = fixture.client
            client.responseTimeout = .milliseconds(200)
            try await fixture.expander(Self.catalogue(), on: fixture.planner.store, client).drain()
            try await expectAllJobs(fixture, id)
            let submissions = fixture.planner.intake.received.submissions.withLock { $0 }
            #expect(submissions.count >= 6 && Set(submissions.map(\.body)).count == 4)
        }
    }

    @Test func `While no gateway consumes the queue, one copy of a submission waits there`() async throws {
        try await BrokerFixture.run(hasGateway: false) { fixture in
            let id = try await fixture.planner.insert(Self.link)
            var client = fixture.client
            client.responseTimeout = .milliseconds(10)
            client.longestTimeout = .milliseconds(50)
            let intervals = Mutex<[Duration]>([])
            client.didTimeOut = { interval in intervals.withLock { $0.append(interval) } }
            let expander = fixture.expander(Self.catalogue(), on: fixture.planner.store, client)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let gateway = ServiceGroup(services: [fixture.gateway], logger: logger)
            try await withThrowingTaskGroup { group in
                group.addTask { try await expander.drain() }
                try await eventually("five responses are late") { intervals.withLock { $0.count } >= 5 }
                #expect(intervals.withLock { $0.prefix(4).map { $0 / .milliseconds(1) } } == [20, 40, 50, 50])
                #expect(try await fixture.gateway.runtime.consuming.status(of: QueueName.intake).ready == 1)
                group.addTask { try await gateway.run() }
                try await eventually("the list is expanded") {
                    try await fixture.planner.expansion(id).state.isFinal
                }
                await gateway.triggerGracefulShutdown()
                try await group.waitForAll()
            }
            try await expectAllJobs(fixture, id)
        }
    }

    @Test func `The wait for a response doubles up to half an hour, and a response resets it`() {
        let client = ResponseInterval(first: .seconds(60), longest: .seconds(1800))
        var interval = client
        let grown = (0..<7).map { _ in
            defer { interval.grow() }
            return interval.current.components.seconds
        }
        #expect(grown == [60, 120, 240, 480, 960, 1800, 1800])
        interval.reset()
        #expect(interval.current == .seconds(60))
    }

    @Test func `Lost connections while responses are awaited lose and double nothing`() async throws {
        try await BrokerFixture.run { fixture in
            let id = try await fixture.planner.insert(Self.link)
            fixture.gateway.lostResponses.set(1)
            var client = fixture.client
            client.responseTimeout = .seconds(600)
            let published = Mutex(0)
            client.didPublish = { published.withLock { $0 += 1 } }
            let expander = fixture.expander(Self.catalogue(), on: fixture.planner.store, client)
            try await withThrowingTaskGroup { group in
                group.addTask { try await expander.drain() }
                try await eventually("a submission is published") { published.withLock { $0 } > 0 }
                // Only the lost connection makes the client publish again: no response comes in time.
                try await eventually("the connections are closed") { try await fixture.vhost.closeConnections() > 0 }
                try await group.waitForAll()
            }
            try await expectAllJobs(fixture, id)
        }
    }
}
