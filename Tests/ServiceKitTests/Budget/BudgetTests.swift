import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// A budget that several processes share on a real broker.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BudgetTests {
    private let limits = BudgetLimits(uses: 3, window: .seconds(10), gap: .seconds(1), concurrent: 1)

    @Test(arguments: QueueType.allCases)
    func `Requests of several processes stay within window and gap`(_ type: QueueType) async throws {
        try await BudgetFixture.run { fixture in
            let budgets = try (0..<3).map { _ in try fixture.budget(limits, queueType: type) }
            let start = fixture.time.now
            var seconds: [Double] = []
            fixture.time.join()
            for index in 0..<7 {
                try await budgets[index % 3].withPermit(patience: .seconds(60)) {
                    seconds.append(fixture.time.now.since(start) / .seconds(1))
                }
            }
            fixture.time.leave()
            #expect(seconds == [0, 1, 2, 10, 11, 12, 20])
            let status = try await budgets[0].status()
            #expect(status.used == 3 && status.limit == 3 && status.inFlight == 0 && status.blockedUntil == nil)
            #expect(status.freeAt == start + .seconds(21))
        }
    }

    @Test func `One request is in flight at a time, and its end permits the next one`() async throws {
        let limits = BudgetLimits(uses: 0, window: .seconds(60), concurrent: 1)
        try await BudgetFixture.run { fixture in
            let requests = Shared(Requests())
            for _ in 0..<3 { fixture.time.join() }
            try await withThrowingTaskGroup { tasks in
                for _ in 0..<3 {
                    let budget = try fixture.budget(limits)
                    tasks.addTask {
                        defer { fixture.time.leave() }
                        for _ in 0..<3 {
                            try await budget.withPermit(patience: .seconds(600)) {
                                requests.change { $0.begin(fixture.time.now) }
                                await fixture.time.sleep(.seconds(2))
                                requests.change { $0.end() }
                            }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(requests.value.begins.count == 9)
            requests.value.expectWithin(limits)
        }
    }

    @Test func `A request that fails or is cancelled counts, and is no longer in flight`() async throws {
        struct Trouble: Error {}
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits)
            fixture.time.join()
            await #expect(throws: Trouble.self) { try await budget.withPermit(patience: .zero) { throw Trouble() } }
            let cancelled = Task {
                try await budget.withPermit(patience: .seconds(5)) { try await Task.sleep(for: .seconds(600)) }
            }
            try await eventually("it is in flight") { try await budget.status().inFlight == 1 }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let status = try await budget.status()
            #expect(status.used == 2 && status.inFlight == 0)
        }
    }

    @Test func `Each refused caller gets a later time`() async throws {
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits)
            let start = fixture.time.now
            fixture.time.join()
            for _ in 0..<3 { #expect(try await budget.use(patience: .seconds(5))) }
            #expect(fixture.time.now == start + .seconds(2))
            var seconds: [Int] = []
            for _ in 0..<7 {
                let refusal = try #require(try await budget.refusal(patience: .seconds(5)))
                #expect(refusal.reason == .window && refusal.provider == "slskd")
                seconds.append(Int(refusal.until.since(start) / .seconds(1)))
            }
            #expect(seconds == [10, 11, 12, 20, 21, 22, 30])
            await fixture.time.sleep(until: start + .seconds(10))
            #expect(try await budget.use())
            let next = try #require(try await budget.refusal())
            #expect(next.until > start + .seconds(30))
        }
    }

    @Test func `A thousand refused callers get different times`() async throws {
        let limits = BudgetLimits(uses: 34, window: .seconds(220))
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits)
            for _ in 0..<34 { #expect(try await budget.use()) }
            var times: [Timestamp: Int] = [:]
            for _ in 0..<200 {
                let refusal = try #require(try await budget.refusal())
                times[refusal.until, default: 0] += 1
            }
            #expect(times.values.max() == 34 && times.count == 6)
        }
    }

    @Test func `A block applies to other processes and after a restart`() async throws {
        try await BudgetFixture.run { fixture in
            let (one, other) = (try fixture.budget(limits), try fixture.budget(limits))
            let end = fixture.time.now + .seconds(1800)
            #expect(try await other.use())
            try await one.block(until: end, because: "too many searches")
            try await one.block(until: fixture.time.now + .seconds(5), because: "a shorter one")
            for budget in [one, other, try fixture.budget(limits)] {
                let refusal = try #require(try await budget.refusal(patience: .seconds(60)))
                #expect(refusal.until == end && refusal.reason == .blocked)
                #expect(try await budget.status().blockedBecause == "too many searches")
            }
            fixture.time.join()
            await fixture.time.sleep(until: end)
            #expect(try await other.use())
        }
    }

    @Test func `The ledger and its lock are one persistent message each and match their schemas`()
        async throws
    {
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits)
            #expect(try await budget.use())
            fixture.time.join()
            try await budget.withPermit(patience: .seconds(5)) {
                try await budget.block(until: fixture.time.now + .seconds(60), because: "too fast")
                let messages =
                    try await fixture.vhost.peek(QueueName.budgetLock("slskd"))
                    + (try await fixture.vhost.peek(QueueName.budget("slskd")))
                let types = messages.map { $0.properties["type"]?.stringValue }
                #expect(types == [MessageType.budgetLock, MessageType.budget])
                #expect(messages.allSatisfy { $0.properties["delivery_mode"] == 2 && $0.properties["priority"] == nil })
                let instances = try zip(messages, ["budget-turn", "budget"]).map { message, schema in
                    JSONSchemaCheck.Instance(
                        schema, schema: "schemas/\(schema).schema.json",
                        json: try ContractCoding.decode(JSONValue.self, from: message.body))
                }
                #expect(try await JSONSchemaCheck.findings(in: instances) == ["budget": [], "budget-turn": []])
                let ledger = try #require(messages.last.flatMap { BudgetLedger($0.body) })
                #expect(ledger.uses.count == 2 && ledger.blockedBecause == "too fast" && ledger.provider == "slskd")
            }
        }
    }

    @Test func `Without a broker there is no permit`() async throws {
        try await BudgetFixture.run { fixture in
            let reading = try fixture.connect("lost")
            let budget = try fixture.budget(limits, on: reading)
            #expect(try await budget.use())
            await reading.close()
            await #expect(throws: AMQPError.self) { try await budget.use() }
        }
    }
}
