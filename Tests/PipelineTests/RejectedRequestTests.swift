import Contracts
import Foundation
import TestSupport
import Testing

/// Requests that cannot be processed get an error or become dead letters.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct RejectedRequestTests {
    @Test func `invalid and unfulfillable requests are rejected or become dead letters`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                _ = try Collection(count: 1, in: stack.source)
                try Data("this is a shopping list, not music\n".utf8).write(
                    to: stack.source.appending(path: "The Forgers - Not A Song.mp3"))
                try await stack.start()
                try await stack.waitUntilReady()

                try await sendMalformedSubmissions(vhost)
                try await sendToUnknownStage(vhost)
                try await sendBadRequests(stack)
                try await submitUnfulfillable(stack, vhost)
                try await submitNonAudio(stack, vhost)
                #expect(Library(root: stack.music).paths.isEmpty)
            }
        }
    }

    private func sendMalformedSubmissions(_ vhost: TestVhost) async throws {
        try await vhost.publish("{ this is not JSON", to: "hdm.intake", key: "submit")
        try await vhost.publish(#"{"items":[{"title":"No artist"}]}"#, to: "hdm.intake", key: "submit")
        let messages = try await deadLetters(in: "hdm.dlq.invalid", vhost, count: 2)
        #expect(messages.allSatisfy { $0.headers["x-hdm-dead-reason"]?.stringValue == "invalid_payload" })
        #expect(messages.contains { $0.body == Data("{ this is not JSON".utf8) })
        #expect(messages.contains { text($0, "x-hdm-dead-error").contains("/items/0/artist") })
    }

    private func sendToUnknownStage(_ vhost: TestVhost) async throws {
        try await vhost.publish("{}", to: "hdm.jobs", key: "job.polish")
        _ = try await deadLetters(in: "hdm.dlq.invalid", vhost, count: 3)
    }

    private func sendBadRequests(_ stack: ServiceStack) async throws {
        let missing = try await stack.request(
            .post, "/api/v1/downloads", body: Data(#"{"items":[{"artist":"A","title":"B"},{"artist":"A"}]}"#.utf8))
        #expect(missing.status == 400)
        let response = try ContractCoding.decode(ErrorResponse.self, from: missing.body)
        #expect(response.error.code == .validationError)
        #expect(response.error.meta?["field"] == "/items/1/title")

        let huge = Data(repeating: UInt8(ascii: " "), count: 8 << 20)
        let refused = try await stack.request(.post, "/api/v1/downloads", body: huge)
        #expect(refused.status == 413)
        #expect(try ContractCoding.decode(ErrorResponse.self, from: refused.body).error.code == .payloadTooLarge)
    }

    private func submitUnfulfillable(_ stack: ServiceStack, _ vhost: TestVhost) async throws {
        let request = SubmissionItem(track: Track(artist: "Nobody At All", title: "Never Recorded"))
        let response = try await stack.submit(Submission(items: [request]))
        #expect(try await stack.waitForEnd(of: response) == ["dead_letter"])
        let message = try #require(try await deadLetters(in: "hdm.dlq.match", vhost, count: 1).first)
        #expect(message.headers["x-hdm-dead-reason"]?.stringValue == "no_match")
        #expect(!text(message, "x-hdm-dead-error").isEmpty)
        #expect(text(message, "x-hdm-worker").hasPrefix("match-"))
    }

    private func submitNonAudio(_ stack: ServiceStack, _ vhost: TestVhost) async throws {
        let request = SubmissionItem(track: Track(artist: "The Forgers", title: "Not A Song"))
        let response = try await stack.submit(Submission(items: [request]))
        #expect(try await stack.waitForEnd(of: response) == ["dead_letter"])
        let message = try #require(try await deadLetters(in: "hdm.dlq.tag", vhost, count: 1).first)
        #expect(message.headers["x-hdm-dead-reason"] == "verification_failed")
    }

    private func text(_ message: BrokerMessage, _ header: String) -> String {
        message.headers[header]?.stringValue ?? ""
    }

    private func deadLetters(in queue: String, _ vhost: TestVhost, count: Int) async throws -> [BrokerMessage] {
        try await eventually("\(queue) holds \(count) messages", timeout: .seconds(20)) {
            let found = try await vhost.peek(queue)
            return found.count >= count ? found : nil
        }
    }
}
