import Contracts
import Foundation
import TestSupport
import Testing

/// Jobs that are cancelled wherever they are.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)"))
struct CancelTests {
    private static let patient = ["HDM_TRANSFER_QUEUE_ALONE_S": "600", "HDM_TRANSFER_QUEUE_S": "600"]

    @Test func `a job whose transfer runs is cancelled: the transfer ends, nothing is left, the track is free again`()
        async throws
    {
        try await TransferWorld.run(count: 2, speed: 200) { world in
            let answer = try await world.stack.submit(world.collection.submission)
            let id = answer.items[0].jobID
            try await world.waitForTransfers(2) { $0.bytesTransferred > 0 }
            let command = try await ContractCommand.run(
                "jobs", "cancel", id.text, "--url", world.stack.address(of: .gateway))
            #expect(command.status == 0, "\(command.errors)")
            #expect(try await world.state(of: id) == "cancelled")
            try await world.waitUntilCleared(id, transfersLeft: 1)

            let again = try await world.stack.submit(
                Submission(items: [SubmissionItem(track: world.collection.tracks[0])]))
            #expect(again.items.first?.status == .enqueued && again.items.first?.jobID != id)
            for item in [answer.items[1], again.items[0]] { _ = try await world.cancel(item.jobID) }
            try await world.waitUntilCleared(again.items[0].jobID, transfersLeft: 0)
            #expect(try await world.state(of: id) == "cancelled")
            #expect(Library(root: world.stack.music).paths.isEmpty)
            try await expectEmptyQueues(world.vhost)
        }
    }

    @Test func `a job that waits in a peer's queue is cancelled while its stage has it in hand`() async throws {
        try await TransferWorld.run(count: 1, settings: Self.patient, change: { $0.behaviour = .neverStarts(place: 7) })
        {
            world in
            let id = try await world.stack.submit(world.collection.submission).items[0].jobID
            try await eventually("the place is shown", timeout: .seconds(60)) {
                try await world.stack.job(id)["progress"]?["place_in_queue"] == 7
            }
            #expect(try await world.cancel(id) == 200)
            try await world.waitUntilCleared(id, transfersLeft: 0)
            #expect(try await world.cancel(id) == 409)
            try await expectEmptyQueues(world.vhost)
        }
    }

    @Test func `a job in a retry tier is dropped when it comes back, and its transfer is ended`() async throws {
        var settings = Self.patient
        // Half of it is how long a job stays with a transfer that does not begin.
        settings["HDM_VISIBILITY_TIMEOUT_DOWNLOAD_S"] = "6"
        try await TransferWorld.run(count: 1, settings: settings, change: { $0.behaviour = .neverStarts(place: 7) }) {
            world in
            let id = try await world.stack.submit(world.collection.submission).items[0].jobID
            try await eventually("the job waits in the broker", timeout: .seconds(60)) {
                try await world.vhost.depth(of: "hdm.retry.1m") == 1
            }
            #expect(try await world.cancel(id) == 200)
            await world.stack.kill(.download)
            try await world.stack.start()
            // As when its time has come.
            try await world.vhost.moveMessages(from: "hdm.retry.1m", to: "hdm.q.download")
            try await world.waitUntilCleared(id, transfersLeft: 0)
            #expect(try await world.state(of: id) == "cancelled")
            try await expectEmptyQueues(world.vhost)
        }
    }

    @Test func `a job in a queue is dropped there, and is fetched after all when it is tried again`() async throws {
        try await TransferWorld.run(count: 1) { world in
            _ = try await world.stack.stop(.download)
            let answer = try await world.stack.submit(world.collection.submission)
            let id = answer.items[0].jobID
            try await eventually("the job is in the queue", timeout: .seconds(60)) {
                try await world.vhost.depth(of: "hdm.q.download") == 1
            }
            #expect(try await world.cancel(id) == 200)
            try await world.stack.start()
            try await eventually("it is dropped", timeout: .seconds(60)) {
                try world.stack.logLines(of: .jobCancelled).contains { $0["stage"] == "download" }
            }
            #expect(world.standIn.transfers.isEmpty)
            let retry = try await world.stack.request(.post, "/api/v1/downloads/\(id)/retry")
            #expect(retry.status == 202)
            try await eventually("it is completed", timeout: .seconds(60)) {
                try await world.state(of: id) == "completed"
            }
            #expect(Library(root: world.stack.music).paths.count == 1)
        }
    }
}

extension TransferWorld {
    /// - Returns: the status of the answer.
    func cancel(_ job: JobID) async throws -> Int {
        try await stack.request(.delete, "/api/v1/downloads/\(job)").status
    }

    func state(of job: JobID) async throws -> String? { try await stack.job(job)["state"]?.stringValue }

    func waitForTransfers(_ count: Int, _ isMeant: @Sendable (StandInTransfer) -> Bool) async throws {
        try await eventually("there are \(count) such transfers", timeout: .seconds(60)) {
            standIn.transfers.count(where: isMeant) == count
        }
    }

    /// Waits until nothing of a job is left on the disks, and so many transfers go on.
    func waitUntilCleared(_ job: JobID, transfersLeft: Int) async throws {
        try await eventually("nothing of the job is left", timeout: .seconds(60)) {
            standIn.transfers.count { !$0.state.isCompleted } == transfersLeft
                && !exists(stack.downloads.appending(path: "jobs/\(job)"))
                && !exists(standIn.settings.downloads.appending(path: "hdm/\(job)"))
        }
    }

    private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}
