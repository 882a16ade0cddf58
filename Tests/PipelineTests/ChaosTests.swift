import AudioFiles
import Contracts
import Foundation
import TestSupport
import Testing

/// Nothing is lost and nothing is done twice, whatever dies and whenever.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ChaosTests {
    @Test func `two hundred jobs survive the death of every service and a restart of the broker`() async throws {
        try await PrivateBroker.run { broker in
            try await ServiceStack.run(brokerURL: broker.url, settings: ["RETRY_MAX_ATTEMPTS": "10"]) { stack in
                let collection = try Collection(count: 200, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let answer = try await stack.submit(collection.submission)
                #expect(answer.items.allSatisfy { $0.status == .enqueued })

                for service in ServiceName.allCases {
                    try await progress(of: stack, by: 12)
                    await stack.kill(service)
                    try await stack.start()
                }
                try await progress(of: stack, by: 12)
                try await broker.kill()
                try await broker.restart()

                let states = try await stack.waitForEnd(of: answer, timeout: .seconds(180))
                #expect(states == Array(repeating: "completed", count: 200))
                try await expectWholeFixture(stack, broker)
            }
        }
    }

    /// Waits until some more files are in the library: the deaths are spread over the run, not over the clock.
    private func progress(of stack: ServiceStack, by count: Int) async throws {
        let library = Library(root: stack.music)
        let before = library.paths.count
        try await eventually("\(count) more files are in the library", timeout: .seconds(90)) {
            let now = library.paths.count
            return now >= min(before + count, 200)
        }
    }

    private func expectWholeFixture(_ stack: ServiceStack, _ broker: PrivateBroker) async throws {
        let library = Library(root: stack.music)
        let paths = library.paths
        #expect(paths.count == 200, "\(paths.filter { $0.contains("(2)") || $0.contains(".hdm-") })")
        let titles = try paths.map { try library.file($0).tags.title }
        #expect(Set(titles).count == 200)
        try await expectEmptyQueues(broker.vhost)
        let left = try FileManager.default.contentsOfDirectory(atPath: stack.downloads.appending(path: "jobs").path)
        #expect(left.isEmpty)
    }
}
