import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// A playlist of 600 entries, while the processes that read and admit it are killed.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ExpansionKillTests {
    @Test func `a playlist of 600 entries becomes each job once though the planner is killed in rounds`()
        async throws
    {
        try await ExpansionScenario.run { scenario in
            let response = try await scenario.submit()
            for read in [50, 150, 250, 350, 450] {
                try await scenario.waitUntilRead(Int64(read), of: response)
                try await scenario.restartPlanner()
            }
            try await scenario.waitUntilCompleted(response)
            try await scenario.expectJobs(of: response)
        }
    }

    @Test func `a playlist becomes each job once though the gateway is killed with submissions on their way`()
        async throws
    {
        try await ExpansionScenario.run { scenario in
            let response = try await scenario.submit()
            for read in [100, 350] {
                try await scenario.waitUntilRead(Int64(read), of: response)
                await scenario.stack.kill(.gateway)
                try await eventually("a submission waits in the broker") {
                    try await scenario.vhost.depth(of: QueueName.intake) ?? 0 > 0
                }
                // The planner dies as well, with its submission on the way.
                await scenario.stack.kill(.planner)
                try await scenario.stack.start([.gateway, .planner])
                try await scenario.stack.waitUntilReady([.gateway, .planner])
            }
            try await scenario.waitUntilCompleted(response)
            try await scenario.expectJobs(of: response)
        }
    }
}
