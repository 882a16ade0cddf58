import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// The whole system over a world of peers of which many misbehave.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdPipelineTests {
    @Test func `a hundred jobs over peers of which half misbehave end as right files or honest dead letters`()
        async throws
    {
        try await SlskdFixtureRun(count: 100, unlucky: 4).run(peers: SlskdPeer.mixedCrowd) { fake, stack, collection in
            fake.inject(.responds(status: 429), on: [.enqueueBatch], times: 3)
            fake.inject(.responds(status: 429), on: [.startSearch], times: 3)
            let answer = try await stack.submit(collection.submission)
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(240))
            #expect(states.prefix(4).allSatisfy { $0 == "dead_letter" }, "\(states.prefix(4))")
            #expect(states.dropFirst(4).allSatisfy { $0 == "completed" }, "\(states)")
            try expectHonestEnds(stack, dead: 4)
            try collection.expectContents(of: Library(root: stack.music), without: 4)
            try expectNothingElsewhere(fake, stack)
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
            #expect(fake.openSearches.isEmpty)
            #expect(fake.transfers.allSatisfy { $0.state.isCompleted })
            expectPatience(fake.log)
            // One poll a second. The sweep of leftovers sends one more request each time. A loaded machine can delay single
            // requests, so the whole span is checked.
            let polls = fake.log.requests(to: .listTransfers).map(\.startedAt)
            let span = try #require(polls.first).duration(to: try #require(polls.last))
            #expect(span > .seconds(polls.count - 4), "\(polls.count) requests in \(span)")
        }
    }

    /// Every dead letter says that files came and were not what they were offered as; nothing failed for want of
    /// attempts.
    private func expectHonestEnds(_ stack: ServiceStack, dead: Int) throws {
        let letters = try stack.logLines(of: .recoveryDeadLettered)
        #expect(Set(letters.compactMap { $0["job_id"]?.stringValue }).count == dead)
        for letter in letters {
            #expect(letter["code"] == "no_match")
            #expect(letter["error"]?.stringValue?.contains("are not the offered recordings") == true, "\(letter)")
        }
        #expect(try stack.logLines(of: .tagRejected).count >= 20)
        #expect(try stack.logLines(of: .downloadCandidateFailed).count >= 50)
    }

    /// Nothing begins in the half second after a 429. One search is on its way at a time, so none can be when a 429 is
    /// sent; of the two orders the second one may be.
    private func expectPatience(_ log: FakeRequestLog) {
        #expect(log.earlyRetries(pause: .milliseconds(400)).filter { $0.route == .startSearch }.isEmpty)
        let hasty = log.earlyRetries(pause: .milliseconds(400), reading: .milliseconds(100))
        #expect(hasty.isEmpty, "\(hasty)")
        #expect(log.highestConcurrency(.startSearch) == 1)
        #expect(log.highestConcurrency(.enqueueBatch) <= 2)
    }

    /// Hostile names lead nowhere: all there is are the folders that were given.
    private func expectNothingElsewhere(_ fake: FakeSlskd, _ stack: ServiceStack) throws {
        let around = fake.settings.downloads.deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: around.path)
        #expect(Set(names).isSubset(of: ["shared", "downloads", "incomplete"]), "\(names)")
        let own = try FileManager.default.contentsOfDirectory(atPath: stack.folder.url.path)
        #expect(Set(own).isSubset(of: ["source", "downloads", "music", "logs", "state"]), "\(own)")
        let staged = try FileManager.default.contentsOfDirectory(atPath: stack.downloads.path)
        #expect(Set(staged).isSubset(of: ["jobs", ".harmony"]), "\(staged)")
        #expect(!FileManager.default.fileExists(atPath: "/etc/cron.d/1 - Harbour Amber Number 0.flac"))
    }

    /// Each file takes some eleven seconds, or as many times as long.
    private func slowly(_ files: [SlskdSharedFile], times: Int64 = 1) -> [SlskdPeer] {
        SlskdPeer.samples(sharing: files).map { peer in
            var peer = peer
            (peer.speed, peer.uploadSlots) = (1500 / times, 100)
            return peer
        }
    }

    /// The jobs whose transfers were gone on with.
    private func adopted(_ stack: ServiceStack) throws -> Int {
        let lines = try stack.logLines(of: .downloadEnqueued).filter {
            $0["adopted"] == "true" || $0["adopted"] == true
        }
        return Set(lines.compactMap { $0["job_id"]?.stringValue }).count
    }

    @Test func `the transfers of a download service that was killed go on, and none is ordered twice`() async throws {
        try await SlskdFixtureRun(count: 40, settings: ["HDM_TRANSFERS_PER_PEER": "50"]).run(peers: {
            slowly($0, times: 3)
        }) { fake, stack, collection in
            let answer = try await stack.submit(collection.submission)
            try await eventually("forty transfers run") { fake.running == 40 }
            await stack.kill(.download)
            let before = fake.bytes
            #expect(before.count == 40)
            try await stack.start()
            try await eventually("all are adopted") { try adopted(stack) == 40 }
            let after = fake.bytes
            #expect(before.allSatisfy { after[$0.key] ?? 0 >= $0.value })
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(120))
            #expect(states == Array(repeating: "completed", count: 40))
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
            // The same forty, each at its first attempt and from its first byte on.
            #expect(Set(fake.transfers.map(\.id)) == Set(before.keys))
            #expect(fake.transfers.allSatisfy { $0.attempts == 1 && $0.startOffset == 0 })
            #expect(try stack.logLines(of: .retryScheduled).isEmpty)
            try collection.expectContents(of: Library(root: stack.music))
        }
    }

    @Test func `jobs outlast slskd's absence, and spend no attempt on it`() async throws {
        try await SlskdFixtureRun(count: 6).run(peers: { slowly($0) }) { fake, stack, collection in
            let answer = try await stack.submit(collection.submission)
            try await eventually("the transfers run") {
                fake.running >= 3
            }
            fake.inject(.responds(status: 500))
            try await eventually("the download service is not ready") {
                try await stack.status(of: "/ready", at: .download) == 503
            }
            fake.clearFaults()
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(180))
            #expect(states == Array(repeating: "completed", count: 6))
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
            #expect(try stack.logLines(of: .retryScheduled).allSatisfy { $0["stage"] != "download" })
        }
    }
}
