import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Monitored jobs: a job without a match is searched for again.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MonitoredJobTests {
    private static let settings = [
        "HDM_FOLDER_RECHECK_S": "0", "HDM_STANDING_FIRST_S": "2", "HDM_STANDING_MAX_S": "4",
    ]

    private func submit(_ title: String, _ stack: ServiceStack) async throws -> JobID {
        var submission = Submission(items: [SubmissionItem(track: Track(artist: "The Latecomers", title: title))])
        submission.standing = true
        return try await stack.submit(submission).items[0].jobID
    }

    private func waitForSearches(_ count: Int64, _ job: JobID, _ stack: ServiceStack) async throws {
        try await eventually("the job was rescheduled \(count) times", timeout: .seconds(60)) {
            try await stack.job(job)["standing_tries"]?.integerValue ?? 0 >= count
        }
    }

    @Test func `a monitored job completes when its file appears, and another one can be cancelled`() async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url, settings: Self.settings) { stack in
                // A readable folder is needed for readiness; the wanted file comes later.
                _ = try Collection(count: 1, in: stack.source, artist: "Somebody Else")
                try await stack.start()
                try await stack.waitUntilReady()
                let id = try await submit("Still On The Way", stack)
                let other = try await submit("Never Recorded", stack)
                try await waitForSearches(2, id, stack)
                await stack.kill(.match)
                try await stack.start()
                let list = try await ContractCommand.run(
                    "jobs", "--standing", "--url", stack.address(of: .gateway))
                #expect(list.status == 0 && list.output.contains(id.text) && list.output.contains(other.text))

                try AudioFixture.opus.copy(to: stack.source, named: "The Latecomers - Still On The Way")
                try await eventually("the job is completed", timeout: .seconds(60)) {
                    try await stack.job(id)["state"] == "completed"
                }
                #expect(Library(root: stack.music).paths.count == 1)

                try await waitForSearches(3, other, stack)
                let response = try await stack.request(.delete, "/api/v1/downloads/\(other)")
                #expect(response.status == 200)
                try await expectEmptyQueues(vhost)
                #expect(try await stack.job(other)["state"] == "cancelled")
                #expect(try await vhost.depth(of: "hdm.dlq.match") == 0)
            }
        }
    }
}
