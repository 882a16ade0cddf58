import Contracts
import TestSupport
import Testing

@testable import ServiceKit

/// Budgets while `hdm topology upgrade` moves their ledgers.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BudgetUpgradeTests {
    @Test func `During an upgrade of the queues a budget gives no permit and publishes nothing`() async throws {
        try await BudgetFixture.run { fixture in
            let isUpgrading = Shared(false)
            let budget = ProviderBudget(
                "slskd", BudgetLimits(uses: 5, window: .seconds(60)), reading: try fixture.connect("reading"),
                publishing: try fixture.connect("publishing"), queueType: .classic, clock: .system,
                timing: BudgetLedgerStore.Timing(), isSuspended: { isUpgrading.value },
                logger: BudgetFixture.silent)
            #expect(try await budget.use(patience: .seconds(5)))
            let before = try await fixture.ledgers()
            isUpgrading.change { $0 = true }
            let refusal = await #expect(throws: BudgetExhausted.self) {
                try await budget.withPermit(patience: .seconds(5)) {}
            }
            #expect(refusal?.reason == .upgrade && refusal?.wait.reason == .providerBusy)
            await #expect(throws: (any Error).self) { try await budget.block(until: .now, because: "test") }
            #expect(try await fixture.ledgers().map(\.generation) == before.map(\.generation))
            isUpgrading.change { $0 = false }
            #expect(try await budget.use(patience: .seconds(5)))
        }
    }
}
