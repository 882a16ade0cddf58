import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Cancellation of jobs in every state.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct CancelTests {
    private static let patient = ["HDM_TRANSFER_QUEUE_ALONE_S": "600", "HDM_TRANSFER_QUEUE_S": "600"]

    @Test func `cancelling a job ends its transfer, removes its files and permits a new job for the track`()
        async throws
    {
        try await TransferFixture.run(count: 2, speed: 200) { fixture in
            let response = try await fixture.stack.submit(fixture.collection.submission)
            let id = response.items[0].jobID
            try await fixture.waitForTransfers(2) { $0.bytesTransferred > 0 }
            let command = try await ContractCommand.run(
                "jobs", "cancel", id.text, "--url", fixture.stack.address(of: .gateway))
            #expect(command.status == 0, "\(command.errors)")
            #expect(try await fixture.state(of: id) == "cancelled")
            try await fixture.waitUntilCleared(id, transfersLeft: 1)

            let again = try await fixture.stack.submit(
                Submission(items: [SubmissionItem(track: fixture.collection.tracks[0])]))
            #expect(again.items.first?.status == .enqueued && again.items.first?.jobID != id)
            for item in [response.items[1], again.items[0]] { _ = try await fixture.cancel(item.jobID) }
            try await fixture.waitUntilCleared(again.items[0].jobID, transfersLeft: 0)
            #expect(try await fixture.state(of: id) == "cancelled")
            #expect(Library(root: fixture.stack.music).paths.isEmpty)
            try await expectEmptyQueues(fixture.vhost)
        }
    }

    @Test func `a job that waits in a peer's queue can be cancelled`() async throws {
        try await TransferFixture.run(
            count: 1, settings: Self.patient, change: { $0.behaviour = .neverStarts(place: 7) }
        ) {
            fixture in
            let id = try await fixture.stack.submit(fixture.collection.submission).items[0].jobID
            try await eventually("the position in the queue is shown", timeout: .seconds(60)) {
                try await fixture.stack.job(id)["progress"]?["place_in_queue"] == 7
            }
            #expect(try await fixture.cancel(id) == 200)
            try await fixture.waitUntilCleared(id, transfersLeft: 0)
            #expect(try await fixture.cancel(id) == 409)
            try await expectEmptyQueues(fixture.vhost)
        }
    }

    @Test func `a cancelled job in a retry queue is dropped when it returns, and its transfer ends`() async throws {
        var settings = Self.patient
        // A job waits half as long for a transfer to start.
        settings["HDM_VISIBILITY_TIMEOUT_DOWNLOAD_S"] = "6"
        try await TransferFixture.run(count: 1, settings: settings, change: { $0.behaviour = .neverStarts(place: 7) }) {
            fixture in
            let id = try await fixture.stack.submit(fixture.collection.submission).items[0].jobID
            try await eventually("the job waits in the broker", timeout: .seconds(60)) {
                try await fixture.vhost.depth(of: "hdm.retry.15s") == 1
            }
            #expect(try await fixture.cancel(id) == 200)
            await fixture.stack.kill(.download)
            try await fixture.stack.start()
            // As the broker does when the message expires.
            try await fixture.vhost.moveMessages(from: "hdm.retry.15s", to: "hdm.q.download")
            try await fixture.waitUntilCleared(id, transfersLeft: 0)
            #expect(try await fixture.state(of: id) == "cancelled")
            try await expectEmptyQueues(fixture.vhost)
        }
    }

    @Test func `a cancelled job in a queue is dropped, and a retry completes it`() async throws {
        try await TransferFixture.run(count: 1) { fixture in
            _ = try await fixture.stack.stop(.download)
            let response = try await fixture.stack.submit(fixture.collection.submission)
            let id = response.items[0].jobID
            try await eventually("the job is in the queue", timeout: .seconds(60)) {
                try await fixture.vhost.depth(of: "hdm.q.download") == 1
            }
            #expect(try await fixture.cancel(id) == 200)
            try await fixture.stack.start()
            try await eventually("the job is dropped", timeout: .seconds(60)) {
                try fixture.stack.logLines(of: .jobCancelled).contains { $0["stage"] == "download" }
            }
            #expect(fixture.fake.transfers.isEmpty)
            let retry = try await fixture.stack.request(.post, "/api/v1/downloads/\(id)/retry")
            #expect(retry.status == 202)
            try await eventually("the job is completed", timeout: .seconds(60)) {
                try await fixture.state(of: id) == "completed"
            }
            #expect(Library(root: fixture.stack.music).paths.count == 1)
        }
    }
}

extension TransferFixture {
    /// Cancels a job.
    /// - Returns: The status of the response.
    func cancel(_ job: JobID) async throws -> Int {
        try await stack.request(.delete, "/api/v1/downloads/\(job)").status
    }

    func state(of job: JobID) async throws -> String? { try await stack.job(job)["state"]?.stringValue }

    func waitForTransfers(_ count: Int, where matches: @Sendable (FakeTransfer) -> Bool) async throws {
        try await eventually("\(count) transfers match", timeout: .seconds(60)) {
            fake.transfers.count(where: matches) == count
        }
    }

    /// Waits until all files of a job are removed and `transfersLeft` transfers run.
    func waitUntilCleared(_ job: JobID, transfersLeft: Int) async throws {
        try await eventually("nothing of the job is left", timeout: .seconds(60)) {
            fake.transfers.count { !$0.state.isCompleted } == transfersLeft
                && !exists(stack.downloads.appending(path: "jobs/\(job)"))
                && !exists(fake.settings.downloads.appending(path: "hdm/\(job)"))
        }
    }

    private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}
