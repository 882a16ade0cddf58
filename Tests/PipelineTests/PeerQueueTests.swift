import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Jobs whose peers are busy or useless do not stand in the way, and end with another copy if there is one.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PeerQueueTests {
    /// The number of jobs of each sort.
    private static let count = 50

    @Test func `jobs in long queues of peers take no slot from those that can run`() async throws {
        let settings = ["HDM_CONCURRENCY_DOWNLOAD": "16", "HDM_TRANSFER_QUEUE_ALONE_S": "86400"]
        try await SlskdFixtureRun(count: Self.count * 2, settings: settings).run(peers: { files in
            // Every second track is at a busy peer only.
            let busy = files.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            let free = files.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            var peer = SlskdPeer("open house", files: free)
            (peer.speed, peer.uploadSlots) = (5_000_000, 50)
            return [SlskdPeer("long queue", files: busy, behaviour: .neverStarts(place: 731)), peer]
        }) { fake, stack, collection in
            let items = collection.tracks.map { SubmissionItem(track: $0) }
            let queued = try await stack.submit(
                Submission(items: items.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)))
            try await eventually("all places in the queue are taken", timeout: .seconds(120)) {
                fake.transfers.count { $0.state == .queuedRemotely } == Self.count
            }
            let began = ContinuousClock.now
            let free = try await stack.submit(
                Submission(items: items.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)))
            let states = try await stack.waitForEnd(of: free, timeout: .seconds(240))
            print("queues: \(Self.count) jobs beside \(Self.count) queued ones in \(began.duration(to: .now))")
            #expect(states.allSatisfy { $0 == "completed" }, "\(states)")
            for item in queued.items {
                let job = try await stack.job(item.jobID)
                #expect(["waiting", "downloading"].contains((job["data"] ?? job)["state"]?.stringValue))
            }
            #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)")
        }
    }

    @Test func `jobs whose first ten candidates are bad end with the copy behind them, or with one of another query`()
        async throws
    {
        let settings = ["HDM_MATCH_ACCEPT": "", "HDM_MATCH_REVIEW": "", "HDM_MATCH_MARGIN": ""]
        try await SlskdFixtureRun(count: Self.unluckyCount, settings: settings).run(peers: { files in
            var good = SlskdPeer("the last one", files: files)
            (good.speed, good.uploadSlots) = (300_000, 50)
            // The names of every second track's bad copies contain a word more, which the first query asks for.
            let named = files.enumerated().map { $0.offset % 2 == 0 ? $0.element : $0.element.withGuest() }
            return [good] + Self.badPeers(named)
        }) { fake, stack, collection in
            let items = collection.tracks.enumerated().map { index, track in
                var track = track
                // Each job searches for itself.
                track.album = nil
                if index % 2 == 1 { track.title += " (feat. Ida Moor)" }
                return SubmissionItem(track: track)
            }
            let response = try await stack.submit(Submission(items: items))
            let states = try await stack.waitForEnd(of: response, timeout: .seconds(400))
            #expect(states.allSatisfy { $0 == "completed" }, "\(states)")
            for item in response.items {
                let job = try await stack.job(item.jobID)
                #expect(job["sections"]?["download"]?["user"] == "the last one")
                #expect((job["data"] ?? job)["attempt"] == 1)
            }
        }
    }

    private static let unluckyCount = 40

    /// Ten fast peers of whom nobody delivers.
    private static func badPeers(_ files: [SlskdSharedFile]) -> [SlskdPeer] {
        let behaviours: [SlskdPeerBehaviour] = [
            .offline, .offline, .offline, .offline, .rejects("Banned"), .rejects("File not shared."),
            .rejects("Too many files"), .corrupts, .disappears(afterBytes: 4096), .stalls(afterBytes: 4096),
        ]
        return behaviours.enumerated().map { number, behaviour in
            var peer = SlskdPeer("bad \(number)", files: files, behaviour: behaviour)
            (peer.speed, peer.uploadSlots) = (5_000_000, 50)
            return peer
        }
    }
}

extension SlskdSharedFile {
    /// Returns the file under a name with a guest.
    fileprivate func withGuest() -> SlskdSharedFile {
        var file = self
        file.path = path.replacing(".flac", with: " (feat. Ida Moor).flac")
        return file
    }
}
