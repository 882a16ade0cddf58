import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Decisions about doubtful matches at the command line.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ReviewTests {
    @Test func `an approved file enters the library though the gateway is killed after the decision`()
        async throws
    {
        try await withReview { stack, job in
            let shown = try await hdm(stack, "reviews")
            #expect(shown.status == 0)
            #expect(shown.output.contains(job) && shown.output.contains("The Doubtful - Take One"))
            let evidence = try await hdm(stack, "reviews", "show", job)
            // Control characters in a file name do not reach the terminal.
            #expect(evidence.output.contains("\\u{1b}[2J") && !evidence.output.contains("\u{1b}"))
            let vague = try await hdm(stack, "reviews", "approve", job)
            #expect(vague.status == 69 && vague.errors.contains("2 candidates"))
            let why = try await hdm(stack, "why", job)
            #expect(why.output.contains("review (score 0.70)") && why.output.contains("CANDIDATES"))

            let approved = try await hdm(stack, "reviews", "approve", job, "--candidate", "1")
            #expect(approved.status == 0, "\(approved.errors)")
            await stack.kill(.gateway)
            try await stack.start([.gateway])
            try await stack.waitUntilReady()
            try await eventually("the file is in the library", timeout: .seconds(60)) {
                Library(root: stack.music).paths.count == 1
            }
            try await eventually("the job is shown as completed", timeout: .seconds(30)) {
                try await state(of: job, stack) == "completed"
            }
            let again = try await hdm(stack, "reviews", "approve", job, "--candidate", "1")
            #expect(again.status == 0)
            let other = try await hdm(stack, "reviews", "reject", job)
            #expect(other.status == 69 && other.errors.contains("decided already"))
            #expect(try await hdm(stack, "reviews").output.contains("No match waits for you."))
        }
    }

    @Test func `a job is cancelled when all its candidates are rejected`()
        async throws
    {
        try await withReview { stack, job in
            let one = try await hdm(stack, "reviews", "reject", job, "--candidate", "0")
            #expect(one.output.contains("1 still to decide"))
            let rest = try await hdm(stack, "reviews", "reject", job, "--json")
            #expect(rest.output.contains("\"state\" : \"cancelled\""))
            try await eventually("the job is shown as cancelled", timeout: .seconds(30)) {
                try await state(of: job, stack) == "cancelled"
            }
            #expect(Library(root: stack.music).paths.isEmpty)
        }
    }

    // MARK: - Setup

    /// Runs a test with all services and a job that waits for a review. Only the second candidate is an existing file.
    private func withReview(_ test: @Sendable (ServiceStack, String) async throws -> Void) async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let file = try AudioFixture.flac.copy(to: stack.source, named: "takes/Take One (Live)").path
                let size = Int64(try Data(contentsOf: URL(filePath: file)).count)
                try await stack.start()
                try await stack.waitUntilReady()
                var job = JobDocument(track: Track(artist: "The Doubtful", title: "Take One"))
                let evil = stack.source.appending(path: "\u{1b}[2J.flac").path
                job.match = MatchSection(
                    score: 0.7, components: ["title": 0.7],
                    candidates: [
                        Candidate(source: "folder", path: evil, size: 10, score: 0.7),
                        Candidate(source: "folder", path: file, size: size, score: 0.69),
                    ])
                let body = String(decoding: try ContractCoding.encode(job), as: UTF8.self)
                try await vhost.publish(body, to: "hdm.jobs", key: "job.review", properties: ["type": "hdm.job.v1"])
                try await eventually("the review waits", timeout: .seconds(30)) {
                    try await stack.status(of: "/api/v1/reviews/\(job.jobID)") == 200
                }
                try await test(stack, job.jobID.text)
            }
        }
    }

    private func hdm(_ stack: ServiceStack, _ arguments: String...) async throws -> ContractCommand {
        try await ContractCommand.run(arguments, settings: ["HDM_URL": stack.address(of: .gateway)])
    }

    private func state(of job: String, _ stack: ServiceStack) async throws -> String? {
        let response = try await stack.request(.get, "/api/v1/downloads/\(job)")
        return try ContractCoding.decode(JSONValue.self, from: response.body)["state"]?.stringValue
    }
}
