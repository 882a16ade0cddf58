import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// The progress of running transfers, as the API and `hdm batch` show it.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ProgressTests {
    @Test func `a running transfer is shown with bytes, rate and peer, and hdm batch follows it to the end`()
        async throws
    {
        try await TransferFixture.run(count: 3, speed: 1500) { fixture in
            let response = try await fixture.stack.submit(fixture.collection.submission)
            let address = fixture.stack.address(of: .gateway)
            async let watched = ContractCommand.run("batch", response.batchID, "--watch", "--url", address)
            let id = response.items[0].jobID
            let progress = try await eventually("bytes are shown", timeout: .seconds(60)) {
                let progress = try await fixture.stack.job(id)["progress"]
                return progress?["rate"] != nil && progress?["phase"] == "transferring" ? progress : nil
            }
            #expect(progress["stage"] == "download" && progress["peer"] != nil && progress["at"] != nil)
            #expect((progress["total"]?.integerValue ?? 0) > 100_000)
            let batch = try await fixture.get("/api/v1/batches/\(response.batchID)")
            #expect((batch["progress"]?["running"]?.integerValue ?? 0) > 0)
            #expect((batch["progress"]?["total"]?.integerValue ?? 0) > 100_000)

            #expect(try await fixture.stack.waitForEnd(of: response) == ["completed", "completed", "completed"])
            let command = try await watched
            #expect(command.status == 0, "\(command.errors)")
            #expect(command.output.contains("downloading") && command.output.contains("completed 3"))
            #expect(!command.output.contains("\u{1B}"))
            let job = try await fixture.stack.job(id)
            #expect(job["progress"] == nil)
            let steps = job["timeline"]?.elements.filter { $0["event"] == "job.download.step" } ?? []
            #expect(steps.contains { $0["message"]?.stringValue?.hasPrefix("candidate 1 of ") == true })
        }
    }

    @Test func `hdm batch exits with 1 when a job failed`() async throws {
        try await TransferFixture.run(count: 1) { fixture in
            let request = SubmissionItem(track: Track(artist: "Nobody", title: "Has This"))
            let response = try await fixture.stack.submit(Submission(items: [request]))
            let address = fixture.stack.address(of: .gateway)
            let command = try await ContractCommand.run("batch", response.batchID, "--watch", "--url", address)
            #expect(command.status == 1)
            #expect(command.output.contains("dead_letter 1"))
            let unknown = try await ContractCommand.run("batch", "nobody-knows-it", "--watch", "--url", address)
            #expect(unknown.status == 69)
        }
    }
}

/// All services and a fake slskd whose peers share a collection.
struct TransferFixture: Sendable {
    let vhost: TestVhost
    let fake: FakeSlskd
    let stack: ServiceStack
    let collection: SharedCollection

    /// - Parameters:
    ///   - speed: The speed of a peer in bytes a second of the fake, which runs ten times as fast. A file has about
    ///     155 000 bytes.
    ///   - change: Changes each peer.
    static func run(
        count: Int, speed: Int64? = nil, settings more: [String: String] = [:],
        change: @Sendable (inout SlskdPeer) -> Void = { _ in }, _ test: @Sendable (TransferFixture) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let collection = try SharedCollection(count: count, in: try folder.folder("shared"))
                var settings = FakeSettings(folder: folder.url)
                settings.timing = FakeTiming(speedUp: 10)
                let peers = SlskdPeer.samples(sharing: collection.files, misbehaving: false).map { peer in
                    var peer = peer
                    if let speed { (peer.speed, peer.uploadSlots) = (speed, 100) }
                    change(&peer)
                    return peer
                }
                try await FakeSlskd.running(settings, peers: peers) { fake in
                    let all = SlskdFixtureRun(count: count).environment(fake).merging(more) { $1 }
                    try await ServiceStack.run(brokerURL: vhost.url, settings: all) { stack in
                        try await stack.start()
                        try await stack.waitUntilReady()
                        try await test(
                            TransferFixture(vhost: vhost, fake: fake, stack: stack, collection: collection))
                    }
                }
            }
        }
    }

    func get(_ path: String) async throws -> JSONValue {
        try ContractCoding.decode(JSONValue.self, from: try await stack.request(.get, path).body)
    }
}
