import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

/// Many transfers at once cost slskd and the download service little.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdManyTransfersTests {
    /// `hdm-bench transfers` measures a thousand.
    private static let load = ManyTransfers(300)

    @Test func `all transfers of a process are seen in one request a second`() async throws {
        try await Self.run { vhost, fake, stack in
            try await eventually("all transfers run", timeout: .seconds(120)) {
                fake.running == Self.load.count
            }
            let before = fake.log
            _ = try await vhost.removeMessages(QueueName.progressEvents, count: 10_000)
            try await eventually("ten looks are taken") {
                fake.log.requests(to: .listTransfers).count >= before.requests(to: .listTransfers).count + 10
            }
            let later = Array(fake.log.requests.dropFirst(before.requests.count))
            let looks = later.filter { $0.route == .listTransfers }.map(\.startedAt)
            for (one, next) in zip(looks, looks.dropFirst(2)) {
                #expect(one.duration(to: next) > .milliseconds(1500), "more than one look a second")
            }
            // What is asked beside is for the readiness.
            let others = later.filter { $0.route != .listTransfers }
            #expect(others.count <= 20, "\(others.map(\.path))")
            #expect(try await Self.followed(vhost).count == Self.load.count)
            #expect(fake.running == Self.load.count && fake.log.highestConcurrency(.enqueueBatch) <= 2)
            #expect(fake.enqueuedTwice.isEmpty)
            let megabytes = (await stack.usage(of: .download)?.residentBytes ?? .max) >> 20
            #expect(megabytes < 200, "\(megabytes) MB for \(Self.load.count) transfers")
        }
    }

    /// The jobs whose bytes were told of since the queue was last emptied.
    private static func followed(_ vhost: TestVhost) async throws -> Set<String> {
        let messages = try await vhost.removeMessages(QueueName.progressEvents, count: 10_000)
        return Set(messages.compactMap { $0.properties["correlation_id"]?.stringValue })
    }

    /// Runs a download service that has a job for each file.
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
