import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// An hour of searches by two processes, on a virtual clock and a real broker.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BudgetHourTests {
    private let limits = BudgetLimits(uses: 34, window: .seconds(220), gap: .seconds(1), concurrent: 1)
    /// 34 requests in each window that starts within an hour.
    private let possible = 17 * 34

    @Test func `Two processes stay within the budget for an hour, and use all of it`() async throws {
        try await BudgetFixture.run { fixture in
            let requests = try await hour(fixture) { _ in }
            expectGoodUse(requests)
        }
    }

    @Test func `The budget holds when processes die with a permit or while they hold the ledger`() async throws {
        try await BudgetFixture.run { fixture in
            let requests = try await hour(fixture) { requests in
                for second in [5, 700, 1777] {
                    await fixture.time.sleep(until: start(fixture) + .seconds(second))
                    try await dieWithPermit(fixture, requests)
                    await fixture.time.sleep(.seconds(100))
                    try await dieWithLedger(fixture)
                }
            }
            expectGoodUse(requests)
        }
    }

    @Test func `The budget holds when the broker is killed and restarted`() async throws {
        try await PrivateBroker.run { broker in
            try await BudgetFixture.run(on: broker.vhost) { fixture in
                _ = try await fixture.budget(limits).status()
                try await broker.flushDeclarations()
                let requests = try await hour(fixture) { _ in
                    await fixture.time.sleep(until: start(fixture) + .seconds(1110))
                    try await broker.kill()
                    try await broker.restart()
                }
                expectGoodUse(requests)
            }
        }
    }

    private func start(_ fixture: BudgetFixture) -> Timestamp { Timestamp("2026-01-31T08:00:00Z") ?? fixture.time.now }

    private func expectGoodUse(_ requests: Requests, _ place: SourceLocation = #_sourceLocation) {
        requests.expectWithin(limits, place)
        let count = requests.begins.count
        #expect(count <= possible && count * 100 >= possible * 95, "\(count) of \(possible)", sourceLocation: place)
    }

    /// Two processes send requests for an hour, as many as are permitted.
    private func hour(
        _ fixture: BudgetFixture, _ trouble: @escaping @Sendable (Shared<Requests>) async throws -> Void
    ) async throws -> Requests {
        let requests = Shared(Requests())
        let end = start(fixture) + .seconds(3600)
        for _ in 0..<3 { fixture.time.join() }
        try await withThrowingTaskGroup { tasks in
            for patience in [Duration.seconds(5), .seconds(400)] {
                let budget = try fixture.budget(limits)
                tasks.addTask {
                    defer { fixture.time.leave() }
                    while fixture.time.now < end { try await search(budget, patience, fixture, requests, until: end) }
                }
            }
            tasks.addTask {
                defer { fixture.time.leave() }
                try await trouble(requests)
            }
            try await tasks.waitForAll()
        }
        return requests.value
    }

    private func search(
        _ budget: ProviderBudget, _ patience: Duration, _ fixture: BudgetFixture, _ requests: Shared<Requests>,
        until end: Timestamp
    ) async throws {
        do {
            try await budget.withPermit(patience: patience) {
                guard fixture.time.now < end else { return }
                requests.change { $0.begin(fixture.time.now) }
                await fixture.time.sleep(.milliseconds(300))
                requests.change { $0.end() }
            }
        } catch let exhausted as BudgetExhausted {
            await fixture.time.sleep(until: exhausted.until)
        } catch is AMQPError {
            await fixture.time.sleep(.seconds(1))
        }
    }

    /// The connection is lost while the request runs, so its end is not recorded.
    private func dieWithPermit(_ fixture: BudgetFixture, _ requests: Shared<Requests>) async throws {
        let reading = try fixture.connect("dies with a permit")
        let budget = try fixture.budget(limits, on: reading)
        try await budget.withPermit(patience: .seconds(400)) {
            requests.change { $0.begin(fixture.time.now) }
            await reading.close()
            requests.change { $0.end() }
        }
    }

    private func dieWithLedger(_ fixture: BudgetFixture) async throws {
        let reading = try fixture.connect("dies with the ledger")
        _ = await Result {
            try await reading.inspect(QueueName.budgetLock("slskd")) { locks in
                try await eventually("it has the turn") { try await locks.next() != nil }
                try await reading.inspect(QueueName.budget("slskd")) { ledgers in
                    while try await ledgers.next() != nil {}
                    await reading.close()
                }
            }
        }
    }
}
