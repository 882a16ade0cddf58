import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// All services with a fake slskd, of whose peers many misbehave.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdPipelineTests {
    @Test
    func `a hundred jobs end as correct files or as dead letters with a reason though half of the peers misbehave`()
        async throws
    {
        try await SlskdFixtureRun(count: 100, unlucky: 4).run(peers: SlskdPeer.mixedCrowd) { fake, stack, collection in
            fake.inject(.responds(status: 429), on: [.enqueueBatch], times: 3)
            fake.inject(.responds(status: 429), on: [.startSearch], times: 3)
            let response = try await stack.submit(collection.submission)
            let states = try await stack.waitForEnd(of: response, timeout: .seconds(240))
            #expect(states.prefix(4).allSatisfy { $0 == "dead_letter" }, "\(states.prefix(4))")
            #expect(states.dropFirst(4).allSatisfy { $0 == "completed" }, "\(states)")
            try expectReasons(stack, dead: 4)
            try collection.expectContents(of: Library(root: stack.music), without: 4)
            try expectNoOtherFiles(fake, stack)
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
            #expect(fake.openSearches.isEmpty)
            #expect(fake.transfers.allSatisfy { $0.state.isCompleted })
            expectPauses(fake.log)
            // One poll a second. The sweep of leftovers sends one more request each time. A loaded machine can delay
            // single requests, so the whole span is checked.
            let polls = fake.log.requests(to: .listTransfers).map(\.startedAt)
            let span = try #require(polls.first).duration(to: try #require(polls.last))
            #expect(span > .seconds(polls.count - 4), "\(polls.count) requests in \(span)")
        }
    }

    /// Expects that each dead letter reports mislabelled files as the reason, and not a lack of attempts.
    private func expectReasons(_ stack: ServiceStack, dead: Int) throws {
        let deadLetters = try stack.logLines(of: .recoveryDeadLettered)
        #expect(Set(deadLetters.compactMap { $0["job_id"]?.stringValue }).count == dead)
        for deadLetter in deadLetters {
            #expect(deadLetter["code"] == "no_match")
            #expect(
                deadLetter["error"]?.stringValue?.contains("are not the offered recordings") == true, "\(deadLetter)")
        }
        #expect(try stack.logLines(of: .tagRejected).count >= 20)
        #expect(try stack.logLines(of: .downloadCandidateFailed).count >= 50)
    }

    /// Expects that no request starts in the half second after a 429. Searches run one at a time. Two orders can run at
    /// once, so one can be under way when the fake sends a 429.
    private func expectPauses(_ log: FakeRequestLog) {
        #expect(log.earlyRetries(pause: .milliseconds(400)).filter { $0.route == .startSearch }.isEmpty)
        let early = log.earlyRetries(pause: .milliseconds(400), reading: .milliseconds(100))
        #expect(early.isEmpty, "\(early)")
        #expect(log.highestConcurrency(.startSearch) == 1)
        #expect(log.highestConcurrency(.enqueueBatch) <= 2)
    }

    /// Expects that hostile names created no files outside of the configured folders.
    private func expectNoOtherFiles(_ fake: FakeSlskd, _ stack: ServiceStack) throws {
        let around = fake.settings.downloads.deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: around.path)
        #expect(Set(names).isSubset(of: ["shared", "downloads", "incomplete"]), "\(names)")
        let own = try FileManager.default.contentsOfDirectory(atPath: stack.folder.url.path)
        #expect(Set(own).isSubset(of: ["source", "downloads", "music", "logs", "state"]), "\(own)")
        let staged = try FileManager.default.contentsOfDirectory(atPath: stack.downloads.path)
        #expect(Set(staged).isSubset(of: ["jobs", ".harmony"]), "\(staged)")
        #expect(!FileManager.default.fileExists(atPath: "/etc/cron.d/1 - Harbour Amber Number 0.flac"))
    }

    /// Returns peers that need about eleven seconds for a file, times `times`.
    private func slowly(_ files: [SlskdSharedFile], times: Int64 = 1) -> [SlskdPeer] {
        SlskdPeer.samples(sharing: files).map { peer in
            var peer = peer
            (peer.speed, peer.uploadSlots) = (1500 / times, 100)
            return peer
        }
    }

    /// Returns the number of jobs whose transfers were adopted.
    private func adopted(_ stack: ServiceStack) throws -> Int {
        let lines = try stack.logLines(of: .downloadEnqueued).filter {
            $0["adopted"] == "true" || $0["adopted"] == true
        }
        return Set(lines.compactMap { $0["job_id"]?.stringValue }).count
    }

    @Test func `transfers continue after a kill of the download service, and none is ordered twice`() async throws {
        try await SlskdFixtureRun(count: 40, settings: ["HDM_TRANSFERS_PER_PEER": "50"]).run(peers: {
            slowly($0, times: 3)
        }) { fake, stack, collection in
            let response = try await stack.submit(collection.submission)
            try await eventually("forty transfers run") { fake.running == 40 }
            await stack.kill(.download)
            let before = fake.bytes
            #expect(before.count == 40)
            try await stack.start()
            try await eventually("all are adopted") { try adopted(stack) == 40 }
            let after = fake.bytes
            #expect(before.allSatisfy { after[$0.key] ?? 0 >= $0.value })
            let states = try await stack.waitForEnd(of: response, timeout: .seconds(120))
            #expect(states == Array(repeating: "completed", count: 40))
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
            // The same transfers, each at its first attempt and from its first byte.
            #expect(Set(fake.transfers.map(\.id)) == Set(before.keys))
            #expect(fake.transfers.allSatisfy { $0.attempts == 1 && $0.startOffset == 0 })
            #expect(try stack.logLines(of: .retryScheduled).isEmpty)
            try collection.expectContents(of: Library(root: stack.music))
        }
    }

    @Test func `jobs wait while slskd fails, and use no attempt`() async throws {
        try await SlskdFixtureRun(count: 6).run(peers: { slowly($0) }) { fake, stack, collection in
            let response = try await stack.submit(collection.submission)
            try await eventually("the transfers run") {
                fake.running >= 3
            }
            fake.inject(.responds(status: 500))
            try await eventually("the download service is not ready") {
                try await stack.status(of: "/ready", at: .download) == 503
            }
            fake.clearFaults()
            let states = try await stack.waitForEnd(of: response, timeout: .seconds(180))
            #expect(states == Array(repeating: "completed", count: 6))
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
            #expect(try stack.logLines(of: .retryScheduled).allSatisfy { $0["stage"] != "download" })
        }
    }
}
