import Contracts
import Foundation
import TestSupport
import Testing

/// Everything that cannot be done gets a clear answer, and nothing is lost.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct HonestResponseTests {
    @Test func `what cannot be done is answered clearly and kept`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                _ = try Collection(count: 1, in: stack.source)
                try Data("this is a shopping list, not music\n".utf8).write(
                    to: stack.source.appending(path: "The Forgers - Not A Song.mp3"))
                try await stack.start()
                try await stack.waitUntilReady()

                try await malformedIntake(vhost)
                try await unknownStage(vhost)
                try await badRequests(stack)
                try await unfulfillable(stack, vhost)
                try await notAudio(stack, vhost)
                #expect(Library(root: stack.music).paths.isEmpty)
            }
        }
    }

    private func malformedIntake(_ vhost: TestVhost) async throws {
        try await vhost.publish("{ this is not JSON", to: "hdm.intake", key: "submit")
        try await vhost.publish(#"{"items":[{"title":"No artist"}]}"#, to: "hdm.intake", key: "submit")
        let letters = try await deadLetters(in: "hdm.dlq.invalid", vhost, count: 2)
        #expect(letters.allSatisfy { $0.headers["x-hdm-dead-reason"]?.stringValue == "invalid_payload" })
        #expect(letters.contains { $0.body == Data("{ this is not JSON".utf8) })
        #expect(letters.contains { text($0, "x-hdm-dead-error").contains("/items/0/artist") })
    }

    private func unknownStage(_ vhost: TestVhost) async throws {
        try await vhost.publish("{}", to: "hdm.jobs", key: "job.polish")
        _ = try await deadLetters(in: "hdm.dlq.invalid", vhost, count: 3)
    }

    private func badRequests(_ stack: ServiceStack) async throws {
        let missing = try await stack.request(
            .post, "/api/v1/downloads", body: Data(#"{"items":[{"artist":"A","title":"B"},{"artist":"A"}]}"#.utf8))
        #expect(missing.status == 400)
        let answer = try ContractCoding.decode(ErrorResponse.self, from: missing.body)
        #expect(answer.error.code == .validationError)
        #expect(answer.error.meta?["field"] == "/items/1/title")

        let huge = Data(repeating: UInt8(ascii: " "), count: 8 << 20)
        let refused = try await stack.request(.post, "/api/v1/downloads", body: huge)
        #expect(refused.status == 413)
        #expect(try ContractCoding.decode(ErrorResponse.self, from: refused.body).error.code == .payloadTooLarge)
    }

    private func unfulfillable(_ stack: ServiceStack, _ vhost: TestVhost) async throws {
        let request = SubmissionItem(track: Track(artist: "Nobody At All", title: "Never Recorded"))
        let answer = try await stack.submit(Submission(items: [request]))
        #expect(try await stack.waitForEnd(of: answer) == ["dead_letter"])
        let letter = try #require(try await deadLetters(in: "hdm.dlq.match", vhost, count: 1).first)
        #expect(letter.headers["x-hdm-dead-reason"]?.stringValue == "no_match")
        #expect(!text(letter, "x-hdm-dead-error").isEmpty)
        #expect(text(letter, "x-hdm-worker").hasPrefix("match-"))
    }

    private func notAudio(_ stack: ServiceStack, _ vhost: TestVhost) async throws {
        let request = SubmissionItem(track: Track(artist: "The Forgers", title: "Not A Song"))
        let answer = try await stack.submit(Submission(items: [request]))
        #expect(try await stack.waitForEnd(of: answer) == ["dead_letter"])
        let letter = try #require(try await deadLetters(in: "hdm.dlq.tag", vhost, count: 1).first)
        #expect(letter.headers["x-hdm-dead-reason"] == "verification_failed")
    }

    private func text(_ letter: BrokerMessage, _ header: String) -> String {
        letter.headers[header]?.stringValue ?? ""
    }

    private func deadLetters(in queue: String, _ vhost: TestVhost, count: Int) async throws -> [BrokerMessage] {
        try await eventually("\(queue) holds \(count) messages", timeout: .seconds(20)) {
            let found = try await vhost.peek(queue)
            return found.count >= count ? found : nil
        }
    }
}
