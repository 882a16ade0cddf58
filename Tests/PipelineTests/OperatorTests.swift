import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Operations on dead letters, in the broker's management UI and over the API.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct OperatorTests {
    @Test func `a dead letter that the management UI moves back runs again with a new retry budget`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url, settings: ["HDM_FOLDER_RECHECK_S": "0"]) { stack in
                // A readable folder is needed for readiness; the wanted file comes later.
                _ = try Collection(count: 1, in: stack.source, artist: "Somebody Else")
                try await stack.start()
                try await stack.waitUntilReady()
                let request = SubmissionItem(track: Track(artist: "The Latecomers", title: "Still On The Way"))
                let response = try await stack.submit(Submission(items: [request]))
                #expect(try await stack.waitForEnd(of: response) == ["dead_letter"])

                try AudioFixture.opus.copy(to: stack.source, named: "The Latecomers - Still On The Way")
                try await eventually("the dead letter is in its queue") {
                    try await vhost.depth(of: "hdm.dlq.match") == 1
                }
                try await vhost.moveMessages(from: "hdm.dlq.match", to: "hdm.q.match")

                let states = try await waitForCompletion(of: response, in: stack)
                #expect(states == "completed")
                #expect(Library(root: stack.music).paths.count == 1)
                let timeline = "\(try await stack.job(response.items[0].jobID))"
                #expect(timeline.contains("job.match.dead_lettered") && timeline.contains("job.move.completed"))
                try await expectEmptyQueues(vhost)
            }
        }
    }

    @Test func `a dead letter is listed, requeued and purged over the API`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                _ = try Collection(count: 1, in: stack.source, artist: "Somebody Else")
                try await stack.start()
                try await stack.waitUntilReady()
                let requests = ["First", "Second"].map { SubmissionItem(track: Track(artist: "Unknown", title: $0)) }
                let response = try await stack.submit(Submission(items: requests))
                #expect(try await stack.waitForEnd(of: response) == ["dead_letter", "dead_letter"])

                let ids = try await listed(stack, count: 2)
                try await act(stack, "requeue", ids.prefix(1))
                // It has no match again and returns, so two are listed.
                _ = try await listed(stack, count: 2)
                try await act(stack, "purge", try await listed(stack, count: 2)[...])
                try await eventually("the dead-letter queue is empty") {
                    try await vhost.depth(of: "hdm.dlq.match") == 0
                }
                _ = try await listed(stack, count: 0)
            }
        }
    }

    private func waitForCompletion(of response: SubmissionResponse, in stack: ServiceStack) async throws -> String {
        try await eventually("the job has completed", timeout: .seconds(40)) {
            let job = try await stack.job(response.items[0].jobID)
            let state = (job["data"] ?? job)["state"]?.stringValue
            return state == "completed" ? state : nil
        }
    }

    private func listed(_ stack: ServiceStack, count: Int) async throws -> [String] {
        try await eventually("\(count) dead letters are listed", timeout: .seconds(20)) {
            let response = try await stack.request(.get, "/api/v1/dlq")
            let value = try ContractCoding.decode(JSONValue.self, from: response.body)
            guard case .array(let items)? = value["data"]?["items"] else { return nil }
            let ids = items.compactMap { $0["id"]?.stringValue }
            return ids.count == count ? ids : nil
        }
    }

    private func act(_ stack: ServiceStack, _ verb: String, _ ids: ArraySlice<String>) async throws {
        let body: JSONValue = ["ids": .array(ids.map { .string($0) })]
        let response = try await stack.request(
            .post, "/api/v1/dlq/\(verb)", body: try ContractCoding.encode(body))
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
    }
}
