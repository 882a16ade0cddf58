import AMQP
import AudioFiles
import Contracts
import Foundation
import Logging
import TestSupport
import Testing

/// Jobs whose messages somebody removed from the broker, with the real gateway and the real recovery service.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct LostJobTests {
    @Test
    func `jobs of a purged queue end with the reason, free their keys and can be restarted; others are untouched`()
        async throws
    {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url, settings: ["HDM_SWEEP_PATIENCE_S": "2"]) { stack in
                let collection = try Collection(count: 5, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                _ = try await stack.stop(.match)
                let lost = try await stack.submit(Submission(items: Array(collection.submission.items[0..<2])))
                try await eventually("the match queue has both") { try await vhost.depth(of: "hdm.q.match") == 2 }
                let connection = try brokerConnection(vhost)
                #expect(try await connection.purgeQueue("hdm.q.match") == 2)
                let kept = try await stack.submit(Submission(items: [collection.submission.items[2]]))
                try await eventually("the match queue has it") { try await vhost.depth(of: "hdm.q.match") == 1 }

                #expect(try await stack.waitForEnd(of: lost, timeout: .seconds(180)) == ["dead_letter", "dead_letter"])
                for item in lost.items {
                    let job = "\(try await stack.job(item.jobID))"
                    #expect(job.contains("no longer has the message of this job"), "\(job)")
                }
                let others = try await stack.job(kept.items[0].jobID)
                #expect((others["data"] ?? others)["state"] == "queued")
                let again = try await stack.submit(Submission(items: [collection.submission.items[0]]))
                #expect(again.items.map(\.status) == [.enqueued] && again.items[0].jobID != lost.items[0].jobID)
                let retry = try await stack.request(.post, "/api/v1/downloads/\(lost.items[1].jobID)/retry")
                #expect(retry.status == 202, "\(String(decoding: retry.body, as: UTF8.self))")

                try await stack.start()
                for response in [kept, again] {
                    #expect(try await stack.waitForEnd(of: response, timeout: .seconds(90)) == ["completed"])
                }
                try await eventually("the restarted job completes", timeout: .seconds(90)) {
                    let job = try await stack.job(lost.items[1].jobID)
                    return (job["data"] ?? job)["state"] == "completed"
                }
                #expect(Library(root: stack.music).paths.count == 3)
                await connection.close()
            }
        }
    }

    @Test func `jobs that are published while their queue is missing complete once`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 40, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let connection = try brokerConnection(vhost)
                var responses: [SubmissionResponse] = []
                for start in stride(from: 0, to: 40, by: 10) {
                    try await connection.deleteQueue("hdm.q.match", onlyIfEmpty: true)
                    let items = Array(collection.submission.items[start..<start + 10])
                    responses.append(try await stack.submit(Submission(items: items)))
                    try await eventually("the batch has ended", timeout: .seconds(120)) {
                        let states = try await states(of: responses, stack)
                        return states.allSatisfy { $0 == "completed" }
                    }
                }
                #expect(try await states(of: responses, stack) == Array(repeating: "completed", count: 40))
                let library = Library(root: stack.music)
                #expect(library.paths.count == 40)
                let titles = try library.paths.map { try library.file($0).tags.title ?? "" }
                #expect(titles.sorted() == collection.tracks.map(\.title).sorted())
                await connection.close()
            }
        }
    }

    private func brokerConnection(_ vhost: TestVhost) throws -> AMQPConnection {
        AMQPConnection(
            ConnectionConfiguration(addresses: try BrokerAddress.list(vhost.url), name: "operator"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func states(of responses: [SubmissionResponse], _ stack: ServiceStack) async throws -> [String] {
        var states: [String] = []
        for item in responses.flatMap(\.items) {
            let job = try await stack.job(item.jobID)
            states.append((job["data"] ?? job)["state"]?.stringValue ?? "?")
        }
        return states
    }
}
