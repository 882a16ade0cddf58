import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import TestSupport
import Testing

/// Many transfers at once cost slskd and the download service little.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)"))
struct SlskdManyTransfersTests {
    /// More with `HDM_TEST_TRANSFERS`, up to a thousand.
    private static let count = ProcessInfo.processInfo.environment["HDM_TEST_TRANSFERS"].flatMap { Int($0) } ?? 200
    private static let peers = (0..<10).map { number in
        let files = stride(from: number, to: count, by: 10).map { index in
            SlskdSharedFile(
                #"@@abcde\Music\Many\#(number)\\#(index) Song.flac"#,
                content: .generated(seed: UInt64(index), size: 10_000_000), size: 10_000_000)
        }
        var peer = SlskdPeer("peer \(number)", files: files)
        (peer.speed, peer.uploadSlots) = (1000, 200)
        return peer
    }

    @Test func `all transfers of a process are seen in one request a second`() async throws {
        try await withStack { standIn, stack in
            try await eventually("\(Self.count) transfers run", timeout: .seconds(240)) {
                standIn.running == Self.count
            }
            let before = standIn.log.requests.count
            let lists = standIn.log.requests(to: .listTransfers).count
            try await eventually("ten looks are taken") {
                standIn.log.requests(to: .listTransfers).count >= lists + 10
            }
            let others = standIn.log.requests.dropFirst(before).filter { $0.route != .listTransfers }
            // What is asked beside is for the readiness.
            #expect(others.count <= 20, "\(others.map(\.path))")
            #expect(standIn.log.most(.listTransfers, within: .milliseconds(900)) == 1)
            #expect(standIn.log.mostAtOnce(.enqueueBatch) <= 2)
            #expect(standIn.enqueuedTwice.isEmpty)
            let megabytes = (await stack.residentBytes(of: .download) ?? 0) >> 20
            #expect(megabytes < 200, "\(megabytes) MB for \(Self.count) transfers")
        }
    }

    /// Runs a download service that has a job for each file.
    private func withStack(_ test: @Sendable (SlskdStandIn, ServiceStack) async throws -> Void) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                var settings = StandInSettings(folder: folder.url)
                settings.timing = StandInTiming(speedUp: 10)
                settings.downloadSlots = 2000
                try await SlskdStandIn.running(settings, peers: Self.peers) { standIn in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: Self.settings(standIn)) { stack in
                        try await stack.start([.download])
                        try await stack.waitUntilReady([.download])
                        try await Self.publishJobs(to: vhost.url)
                        try await test(standIn, stack)
                    }
                }
            }
        }
    }

    private static func settings(_ standIn: SlskdStandIn) -> [String: String] {
        [
            "HDM_SOURCES": "slskd", "SLSKD_BASE_URL": standIn.baseURL, "SLSKD_API_KEY": standIn.settings.apiKey,
            "SLSKD_DOWNLOADS_DIR": standIn.settings.downloads.path, "HDM_TRANSFERS_MAX": "\(count)",
            "HDM_TRANSFERS_PER_PEER": "100", "HDM_CONCURRENCY_DOWNLOAD": "\(count)", "HDM_DISK_FLOOR_MB": "1",
        ]
    }

    private static func publishJobs(to url: String) async throws {
        let connection = AMQPConnection(
            ConnectionConfiguration(addresses: [try BrokerAddress(url: url)], name: "many"),
            logger: Logger(label: "many") { _ in SwiftLogNoOpLogHandler() })
        try await connection.waitUntilOpen(timeout: .seconds(30))
        let publisher = JobPublisher(connection, instance: "many")
        for job in jobs {
            // The first may be faster than the service that declares its queue.
            try await eventually("there is a queue") {
                do throws(AMQPError) {
                    try await publisher.publish(job, to: .download, JobEnvelope())
                    return true
                } catch {
                    return false
                }
            }
        }
        await connection.close()
    }

    private static var jobs: [JobDocument] {
        peers.flatMap { peer in
            peer.files.map { file in
                var job = JobDocument(track: Track(artist: peer.name, title: file.path))
                let candidate = Candidate(source: "slskd", user: peer.name, path: file.path, size: file.size, score: 1)
                job.match = MatchSection(score: 1, components: [:], candidates: [candidate])
                return job
            }
        }
    }
}
