import AudioFiles
import Contracts
import Foundation
import TestSupport
import Testing

/// No job is lost or processed twice while services and the broker are killed.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct KilledServicesTests {
    @Test func `two hundred jobs complete once though every service and the broker are killed`() async throws {
        try await PrivateBroker.run { broker in
            try await ServiceStack.run(brokerURL: broker.url, settings: ["RETRY_MAX_ATTEMPTS": "10"]) { stack in
                let collection = try Collection(count: 200, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let response = try await stack.submit(collection.submission)
                #expect(response.items.allSatisfy { $0.status == .enqueued })

                for service in ServiceName.allCases {
                    try await waitForFiles(in: stack, count: 12)
                    await stack.kill(service)
                    try await stack.start()
                }
                try await waitForFiles(in: stack, count: 12)
                try await broker.kill()
                try await broker.restart()

                let states = try await stack.waitForEnd(of: response, timeout: .seconds(180))
                #expect(states == Array(repeating: "completed", count: 200))
                try await expectWholeFixture(stack, broker)
            }
        }
    }

    /// Waits until `count` more files are in the library, so that the kills are spread over the run.
    private func waitForFiles(in stack: ServiceStack, count: Int) async throws {
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
