import Contracts
import Foundation
import TestSupport
import Testing

/// The requests of all processes together stay within the budget of a source, also when a process or the broker dies.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SearchBudgetTests {
    private static let uses = 6
    private static let windowSeconds = 3
    private static let settings = [
        "PROVIDER_FOLDER_BUDGET": "\(uses)", "PROVIDER_FOLDER_BUDGET_WINDOW_S": "\(windowSeconds)",
        "PROVIDER_FOLDER_GAP_MS": "50", "PROVIDER_FOLDER_CONCURRENCY": "1", "HDM_SEARCH_PATIENCE_S": "1",
        "HDM_FOLDER_RECHECK_S": "60",
    ]

    @Test func `Two match processes share a budget while one is killed and the broker is restarted`() async throws {
        try await PrivateBroker.run { broker in
            try await ServiceStack.run(brokerURL: broker.url, settings: Self.settings) { stack in
                let collection = try Collection(count: 30, in: stack.source)
                try await stack.start()
                try await stack.startAnother(.match)
                try await stack.waitUntilReady()
                let answer = try await stack.submit(collection.submission)

                try await searched(8, stack)
                await stack.kill(.match)
                try await stack.start()
                try await searched(16, stack)
                try await broker.kill()
                try await broker.restart()

                let states = try await stack.waitForEnd(of: answer, timeout: .seconds(240))
                #expect(states == Array(repeating: "completed", count: 30))
                try expectWithinBudget(try stack.logLines(of: .matchSearched))
            }
        }
    }

    @Test func `A job that waits for a budget reports the reason and the end of the wait`() async throws {
        try await withVhost { vhost in
            var settings = Self.settings
            settings["PROVIDER_FOLDER_BUDGET"] = "1"
            settings["PROVIDER_FOLDER_BUDGET_WINDOW_S"] = "600"
            try await ServiceStack.run(brokerURL: vhost.url, settings: settings) { stack in
                let collection = try Collection(count: 2, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let answer = try await stack.submit(collection.submission)
                let waiting = try await eventually("one of the jobs is waiting") {
                    for item in answer.items {
                        let job = try await stack.job(item.jobID)
                        if job["state"] == "waiting" { return job }
                    }
                    return nil
                }
                #expect(waiting["message"]?.stringValue?.contains("budget of folder") == true)
                let until = try #require(waiting["not_before"]?.stringValue.flatMap { Timestamp($0) })
                #expect(until.since(.now) > .seconds(500))
                #expect(waiting["attempt"] == 1)
            }
        }
    }

    /// Waits until the source was searched `count` times. A killed process can hold a permit for a minute.
    private func searched(_ count: Int, _ stack: ServiceStack) async throws {
        try await eventually("the source was searched \(count) times", timeout: .seconds(150)) {
            try stack.logLines(of: .matchSearched).count { $0["error"] == nil } >= count
        }
    }

    /// Checks the times at which requests were sent. The times at which their lines were written depend on the load.
    private func expectWithinBudget(_ lines: [JSONValue]) throws {
        let times = lines.compactMap { line in line["sent_at"]?.stringValue.flatMap { Timestamp($0) } }.sorted()
        #expect(times.count >= 30)
        for (index, time) in times.enumerated().dropFirst(Self.uses) {
            let span = time.since(times[index - Self.uses])
            #expect(span > .seconds(Self.windowSeconds) - .milliseconds(500), "\(Self.uses + 1) requests in \(span)")
        }
    }
}
