import AudioSources
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("The client of slskd")
struct SlskdClientTests {
    private let file = SlskdSharedFile.some()

    private func order(_ file: SlskdSharedFile, from peer: String, id: UUID = UUID()) -> SlskdOrder {
        SlskdOrder(
            id: id, username: peer, files: [SlskdOrder.File(filename: file.path, size: file.size)],
            destination: "hdm/one")
    }

    /// What a call fails with.
    private func meaning(_ call: () async throws -> Void) async throws -> SlskdError.Meaning? {
        do {
            try await call()
            return nil
        } catch let error as SlskdError {
            return error.meaning
        }
    }

    @Test("The client reads the state and version of slskd below its url_base")
    func readsState() async throws {
        try await withFake(adjust: { $0.urlBase = "/slskd" }) { fixture in
            try await fixture.withClient { client in
                #expect(try await client.serverState().isReady == true)
                #expect(try await client.version() == SlskdVersion("0.26.0"))
                let application = try await client.application()
                #expect(application.version == SlskdVersion("0.26.0") && application.server.isReady)
                #expect(application.sharedFiles == 1200)
            }
        }
    }

    @Test("A wrong key, a wrong address and an unavailable slskd have different errors, and none contains the key")
    func namesFailures() async throws {
        try await withFake { fixture in
            try await fixture.withClient(key: "another-key-0123456789") { client in
                let error = try await #require(throws: SlskdError.self) { try await client.serverState() }
                #expect(error.meaning == .unauthorised)
                #expect(!error.message.contains("another-key"))
            }
            let wrong = SlskdClient(base: fixture.fake.baseURL + "/wrong", key: fixture.fake.settings.apiKey)
            let failure = try await meaning { _ = try await wrong.serverState() }
            #expect(failure == .notFound)
            await wrong.close()
            try await fixture.withClient { client in
                await fixture.fake.stop()
                let error = try await #require(throws: SlskdError.self) { try await client.serverState() }
                #expect(error.meaning == .unavailable)
            }
        }
    }

    @Test("Repeatable requests are repeated, and requests pause after consecutive failures")
    func repeatsAndGivesUp() async throws {
        try await withFake { fixture in
            fixture.fake.inject(.responds(status: 500), on: [.server], times: 2)
            try await fixture.withClient { client in
                let isReady = try await client.serverState().isReady
                #expect(isReady)
                #expect(fixture.fake.log.requests(to: .server).count == 3)
            }
            fixture.fake.inject(.responds(status: 503), on: [.server])
            try await fixture.withClient(adjust: {
                $0.circuitFailures = 2; $0.retries = 0
            }) { client in
                for _ in 0..<5 {
                    let failure = try await meaning { _ = try await client.serverState() }
                    #expect(failure == .unavailable)
                }
                #expect(fixture.fake.log.requests(to: .server).count == 5)
            }
        }
    }

    @Test(
        "Each version gets its own kind of order, and the same order again starts nothing",
        arguments: [
            FakeVersion.v0_26, .v0_25, .v0_23,
        ])
    func orders(version: FakeVersion) async throws {
        // Before 0.24.2 slskd cannot take an encoded slash.
        let peer = version == .v0_23 ? "a b %+" : "a/b %+"
        try await withFake([SlskdPeer(peer, files: [file])], version: version) { fixture in
            try await fixture.withClient { client in
                let order = order(file, from: peer)
                let first = try await client.enqueue(order)
                let transfer = try #require(first.transfers.first)
                #expect(transfer.isOf(file.path) && transfer.username == peer && !first.wasKnown)
                #expect((first.batchID == order.id) == (version == .v0_26))
                if version == .v0_26 {
                    let again = try await client.enqueue(order)
                    #expect(again.wasKnown && again.transfers.map(\.id) == [transfer.id])
                    #expect(try await client.batch(order.id)?.destination == "hdm/one")
                } else {
                    #expect(try await client.batch(order.id) == nil)
                }
                let done = try await eventually("it has ended") {
                    let now = try await client.downloads().first { $0.id == transfer.id }
                    return now.flatMap { $0.state.isEnded ? $0 : nil }
                }
                #expect(done.state == .completed(.succeeded) && done.bytesTransferred == file.size)
                #expect(try await client.download(transfer.id, from: peer)?.state == .completed(.succeeded))
                #expect(try await client.downloads(from: peer).map(\.id) == [transfer.id])
                #expect(try await client.downloads(from: "nobody").isEmpty == true)
                #expect(try await client.download(UUID(), from: peer) == nil)
            }
        }
    }

    @Test("Without batches the running transfer is found", arguments: [FakeVersion.v0_25, .v0_23])
    func adopts(version: FakeVersion) async throws {
        let peer = SlskdPeer("peer", files: [file], behaviour: .neverStarts(place: 4))
        try await withFake([peer], version: version) { fixture in
            try await fixture.withClient { client in
                let first = try await client.enqueue(order(file, from: "peer"))
                let again = try await client.enqueue(order(file, from: "peer"))
                #expect(again.wasKnown && again.transfers.map(\.id) == first.transfers.map(\.id))
                #expect(first.transfers.count == 1)
            }
        }
    }

    @Test("The failure of a peer is recognised in every version", arguments: [FakeVersion.v0_26, .v0_25])
    func namesPeersFailures(version: FakeVersion) async throws {
        let peers = [
            SlskdPeer("gone", files: [file], behaviour: .offline),
            SlskdPeer("hidden", files: [file], behaviour: .unreachable),
        ]
        try await withFake(peers, version: version) { fixture in
            try await fixture.withClient(adjust: { $0.circuitFailures = 1 }) { client in
                let offline = try await meaning { _ = try await client.enqueue(order(file, from: "gone")) }
                #expect(offline == .peerOffline)
                let hidden = try await meaning { _ = try await client.enqueue(order(file, from: "hidden")) }
                #expect(hidden == .peerUnreachable)
                // Peers' failures are none of slskd's.
                #expect(try await client.serverState().isReady == true)
            }
        }
    }

    @Test("Concurrent orders are limited to what slskd accepts")
    func keepsToTheGate() async throws {
        let peers = (0..<8).map { SlskdPeer("peer \($0)", files: [file]) }
        try await withFake(peers) { fixture in
            try await fixture.withClient { client in
                try await withThrowingTaskGroup { group in
                    for peer in peers {
                        group.addTask { _ = try await client.enqueue(order(file, from: peer.name)) }
                    }
                    try await group.waitForAll()
                }
                #expect(fixture.fake.log.requests(to: .enqueueBatch).allSatisfy { $0.status == 201 })
                #expect(fixture.fake.transfers.count == 8)
            }
        }
    }

    @Test("A queued download has a place, and a running one is removed from the lists")
    func removes() async throws {
        try await withFake([SlskdPeer("peer", files: [file], behaviour: .neverStarts(place: 4))]) { fixture in
            try await fixture.withClient { client in
                let transfer = try #require(try await client.enqueue(order(file, from: "peer")).transfers.first)
                try await eventually("it is queued") {
                    try await client.download(transfer.id, from: "peer")?.state == .queuedRemotely
                }
                #expect(try await client.position(of: transfer.id, from: "peer") == 4)
                #expect(try await client.remove(transfer.id, from: "peer") == true)
                #expect(try await client.downloads().isEmpty == true)
                let left = try #require(try await client.downloads(includingRemoved: true).first)
                #expect(left.isRemoved && left.state == .completed(.cancelled))
                try await client.cancel(UUID(), from: "peer")
            }
        }
    }

    @Test("Events contain the path of a finished file, and later events are returned")
    func readsEvents() async throws {
        try await withFake([SlskdPeer("peer", files: [file])]) { fixture in
            try await fixture.withClient { client in
                let before = try await client.events(since: nil).last?.id
                _ = try await client.enqueue(order(file, from: "peer"))
                let completed = try await eventually("the file is there") {
                    try await client.events(since: before).lazy.compactMap { event -> SlskdCompletedFile? in
                        if case .fileCompleted(let file) = event.content { file } else { nil }
                    }.first
                }
                #expect(completed.remoteFilename == file.path)
                #expect(FileManager.default.fileExists(atPath: completed.localFilename))
                let last = try #require(try await client.events(since: nil).last?.id)
                #expect(try await client.events(since: last).isEmpty == true)
                let folder = try #require(try await client.downloadsFolder("hdm", recursive: true))
                #expect(folder.directories.map(\.name) == ["one"])
                #expect(folder.directories.first?.files.map(\.length) == [file.size])
                #expect(try await client.downloadsFolder("elsewhere") == nil)
            }
        }
    }
}
