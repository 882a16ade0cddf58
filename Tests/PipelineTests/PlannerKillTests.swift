import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Planner processes, while what they depend on is unavailable.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PlannerKillTests {
    @Test func `the planner continues when the gateway returns`() async throws {
        try await ExpansionScenario.run { scenario in
            let response = try await scenario.submit()
            try await scenario.waitUntilRead(100, of: response)
            #expect(try await scenario.stack.stop(.gateway) == 0)
            try await eventually("a submission waits in the broker") {
                try await scenario.vhost.depth(of: QueueName.intake) ?? 0 > 0
            }
            // Nothing is read ahead while a submission has no response.
            let waiting = try await scenario.expansion(response)
            try await scenario.stack.start([.gateway])
            try await scenario.stack.waitUntilReady([.gateway])
            try await scenario.waitUntilCompleted(response)
            #expect(waiting?["state"] == "expanding")
            try await scenario.expectJobs(of: response)
        }
    }

    @Test func `the planner continues after a restart of the broker`() async throws {
        try await PrivateBroker.run { broker in
            try await ExpansionScenario.run(on: broker.vhost) { scenario in
                let response = try await scenario.submit()
                try await scenario.waitUntilRead(150, of: response)
                try await broker.restart()
                try await scenario.waitUntilRead(400, of: response)
                try await broker.flushDeclarations()
                try await broker.kill()
                try await broker.restart()
                try await scenario.waitUntilCompleted(response)
                try await scenario.expectJobs(of: response)
            }
        }
    }

    @Test func `two planners on one database make each job once, also when one is killed`() async throws {
        try await ExpansionScenario.run { scenario in
            try await scenario.stack.startAnother(.planner)
            let first = try await scenario.submit()
            try await scenario.waitUntilRead(100, of: first)
            try await scenario.restartPlanner()
            try await scenario.waitUntilRead(300, of: first)
            try await scenario.restartPlanner()
            try await scenario.waitUntilCompleted(first)
            try await scenario.expectJobs(of: first)
            let second = try await scenario.submit()
            try await scenario.waitUntilCompleted(second)
            try await scenario.expectJobs(of: second, isFirst: false)
        }
    }
}
