import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// Budgets of which processes die during a change, or whose ledger is removed.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BudgetLossTests {
    private let limits = BudgetLimits(uses: 3, window: .seconds(100), gap: .zero, concurrent: 0)
    private let queue = QueueName.budget("slskd")

    @Test func `Processes that use a budget for the first time at once share one ledger`() async throws {
        let limits = BudgetLimits(uses: 1, window: .seconds(100))
        try await BudgetFixture.run { fixture in
            for round in 0..<5 {
                let budgets = try (0..<6).map { _ in try fixture.budget(limits, provider: "p\(round)") }
                let granted = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                    for budget in budgets { tasks.addTask { try await budget.use() } }
                    return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                // At worst, a request counts that was not sent.
                #expect(granted <= 1, "round \(round)")
                let status = try await budgets[0].status()
                #expect(status.used >= 1 && status.blockedUntil == nil)
                #expect(try await fixture.vhost.peek(QueueName.budget("p\(round)")).count == 1)
                #expect(try await fixture.vhost.peek(QueueName.budgetLock("p\(round)")).count == 1)
            }
        }
    }

    @Test func `A purged ledger counts as spent, for running and new processes`() async throws {
        try await BudgetFixture.run { fixture in
            let old = try fixture.budget(limits, lostAfter: .seconds(1))
            #expect(try await old.use())
            let purged = fixture.time.now
            #expect(try await fixture.vhost.removeMessages(queue).count == 1)
            let new = try fixture.budget(limits, lostAfter: .seconds(1))
            for budget in [new, old] {
                let refusal = try #require(try await budget.refusal())
                #expect(refusal.reason == .blocked && refusal.until == purged + .seconds(100))
            }
            fixture.time.join()
            await fixture.time.sleep(.seconds(100))
            #expect(try await new.use())
            #expect(try await old.use())
        }
    }

    @Test func `A process that has seen a ledger sends fewer requests after the broker lost all data`() async throws {
        try await BudgetFixture.run { fixture in
            let old = try fixture.budget(limits, lostAfter: .seconds(1))
            for _ in 0..<2 { #expect(try await old.use()) }
            for name in [queue, QueueName.budgetLock("slskd")] {
                try await fixture.vhost.management.request("DELETE", ["queues", fixture.vhost.name, name])
            }
            let new = try fixture.budget(limits, lostAfter: .seconds(1))
            #expect(try await new.use())
            #expect(try await old.status().used == 3)
            #expect(try await old.refusal()?.reason == .window)
            #expect(try await new.refusal()?.reason == .window)
        }
    }

    @Test func `A lost lock is created again and the ledger keeps its uses`() async throws {
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits, lostAfter: .seconds(1))
            #expect(try await budget.use())
            #expect(try await fixture.vhost.removeMessages(QueueName.budgetLock("slskd")).count == 1)
            #expect(try await budget.use())
            let status = try await budget.status()
            #expect(status.used == 2 && status.blockedUntil == nil)
        }
    }

    @Test func `A ledger that cannot be decoded counts as spent, and other messages are dropped`() async throws {
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits)
            #expect(try await budget.use())
            try await fixture.vhost.publish("hello", to: "", key: queue)
            #expect(try await budget.use())
            #expect(try await fixture.vhost.peek(queue).count == 1)
            try await fixture.vhost.publish("{}", to: "", key: queue, properties: ["type": "hdm.budget.v1"])
            #expect(try await budget.refusal()?.reason == .blocked)
            #expect(try await fixture.ledgers().map(\.uses.count) == [2])
        }
    }

    @Test func `A process that dies between publish and ack leaves two ledgers, and both count`() async throws {
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits)
            #expect(try await budget.use())
            let dying = try fixture.connect("dying")
            _ = await Result {
                try await dying.inspect(queue) { look in
                    let delivery = try #require(try await look.next())
                    var next = try #require(BudgetLedger(delivery.message.body))
                    next.add("of the dead", limits, at: fixture.time.now)
                    try await fixture.put(next)
                    await dying.close()
                }
            }
            try await eventually("both are there") { try await fixture.vhost.peek(queue).count == 2 }
            #expect(try await budget.status().used == 2)
            #expect(try await fixture.vhost.peek(queue).count == 1)
            #expect(try await budget.use())
            #expect(try await budget.refusal()?.reason == .window)
        }
    }

    @Test func `An older ledger that returns grants no permit`() async throws {
        try await BudgetFixture.run { fixture in
            let budgets = try (0..<4).map { _ in try fixture.budget(limits) }
            #expect(try await budgets[0].use())
            let old = try #require(try await fixture.ledgers().first)
            let granted = Shared(1)
            try await withThrowingTaskGroup { tasks in
                for budget in budgets {
                    tasks.addTask {
                        for _ in 0..<15 where try await budget.use() { granted.change { $0 += 1 } }
                    }
                }
                tasks.addTask { for _ in 0..<30 { try await fixture.put(old) } }
                try await tasks.waitForAll()
            }
            #expect(granted.value <= 3)
            // At worst, a request counts that was not sent.
            #expect(try await budgets[0].status().used >= 3)
        }
    }

    @Test func `A holder of the lock that loses its connection gets no permit`() async throws {
        try await BudgetFixture.run { fixture in
            let budgets = try (0..<3).map { _ in try fixture.budget(limits) }
            #expect(try await budgets[0].use())
            let granted = Shared(1)
            try await withThrowingTaskGroup { tasks in
                for budget in budgets {
                    tasks.addTask {
                        for _ in 0..<20 {
                            do {
                                if try await budget.use() { granted.change { $0 += 1 } }
                            } catch is AMQPError {
                                continue
                            }
                        }
                    }
                }
                tasks.addTask {
                    for _ in 0..<10 { try await fixture.vhost.closeConnections() }
                }
                try await tasks.waitForAll()
            }
            #expect(granted.value <= 3)
            let status = try await budgets[1].status()
            #expect(status.used >= 3 && status.blockedUntil == nil)
        }
    }
}

extension BudgetFixture {
    /// Publishes a second ledger.
    fileprivate func put(_ ledger: BudgetLedger) async throws {
        let text = String(decoding: try ContractCoding.encode(ledger), as: UTF8.self)
        let properties: [String: JSONValue] = ["type": .string(MessageType.budget)]
        try await vhost.publish(text, to: "", key: QueueName.budget("slskd"), properties: properties)
    }
}
