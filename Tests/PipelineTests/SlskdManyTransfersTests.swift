import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Many concurrent transfers need few requests and little memory.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdManyTransfersTests {
    /// `hdm-bench transfers` measures a thousand transfers.
    private static let load = ManyTransfers(300)

    @Test func `One request a second serves all transfers of a process`() async throws {
        try await Self.run { vhost, fake, stack in
            try await eventually("all transfers run", timeout: .seconds(120)) {
                fake.running == Self.load.count
            }
            let before = fake.log
            _ = try await vhost.removeMessages(QueueName.progressEvents, count: 10_000)
            try await eventually("the list was requested ten times") {
                fake.log.requests(to: .listTransfers).count >= before.requests(to: .listTransfers).count + 10
            }
            let later = Array(fake.log.requests.dropFirst(before.requests.count))
            let polls = later.filter { $0.route == .listTransfers }.map(\.startedAt)
            let span = try #require(polls.first).duration(to: try #require(polls.last))
            // A loaded machine can delay single requests, so the whole span is checked, with two requests of tolerance.
            #expect(span > .seconds(polls.count - 3), "\(polls.count) requests in \(span)")
            // All other requests are for the readiness.
            let others = later.filter { $0.route != .listTransfers }
            #expect(others.count <= polls.count * 2, "\(others.map(\.path))")
            try await Self.waitForProgress(ofAll: Self.load.count, vhost)
            #expect(fake.running == Self.load.count && fake.log.highestConcurrency(.enqueueBatch) <= 2)
            #expect(fake.enqueuedTwice.isEmpty)
            let megabytes = (await stack.usage(of: .download)?.residentBytes ?? .max) >> 20
            #expect(megabytes < 200, "\(megabytes) MB for \(Self.load.count) transfers")
        }
    }

    /// Waits until a progress event of each job has arrived.
    private static func waitForProgress(ofAll count: Int, _ vhost: TestVhost) async throws {
        var jobs: Set<String> = []
        try await eventually("each of \(count) jobs has reported progress") {
            let messages = try await vhost.removeMessages(QueueName.progressEvents, count: 10_000)
            jobs.formUnion(messages.compactMap { $0.properties["correlation_id"]?.stringValue })
            return jobs.count == count
        }
    }

    /// Runs a download service with a job for each file.
    private static func run(
        _ test: @Sendable (TestVhost, FakeSlskd, ServiceStack) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let settings = load.fakeSettings(in: folder.url)
                try await FakeSlskd.running(settings, peers: load.peers) { fake in
                    let settings = load.serviceSettings(fake)
                    try await ServiceStack.run(brokerURL: vhost.url, settings: settings) { stack in
                        try await stack.start([.download])
                        try await stack.waitUntilReady([.download])
                        try await load.publish(to: vhost.url)
                        try await test(vhost, fake, stack)
                    }
                }
            }
        }
    }
}
