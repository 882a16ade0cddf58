import Contracts
import Foundation
import TestSupport
import Testing

@testable import AudioSources

@Suite("Fetching through an slskd that goes away and comes back")
struct SlskdFetchOutageTests {
    /// Two seconds of real time.
    private static let file = SlskdSharedFile.some(#"@@abcde\Music\Long\01 Long.flac"#, size: 1_000_000)
    private static let anna: SlskdPeer = {
        var peer = SlskdPeer("anna", files: [file])
        peer.speed = 25_000
        return peer
    }()

    @Test(
        "takes what slskd fetched by itself after its restart while nobody could look",
        arguments: [Duration.milliseconds(500), .seconds(60)])
    func finishesUnseen(_ absence: Duration) async throws {
        try await withFetchWorld([Self.anna], settings: { $0.absence = absence }) { world in
            let order = world.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            let first = Task { try await world.follow(order) }
            try await world.isReceiving()
            world.standIn.inject(.refuses, on: [.listTransfers])
            try await world.standIn.restart(after: .milliseconds(300))
            try await eventually { world.standIn.transfers.last?.localFile != nil }
            if absence < .seconds(60) {
                guard case .away(_, isLost: false) = try await first.value else {
                    throw NotInTime(description: "slskd is not away")
                }
            }
            world.standIn.clearFaults()
            let result = absence < .seconds(60) ? try await world.followWhenReady(order) : try await first.value
            try world.expectOnce(result, Self.file)
        }
    }

    @Test("goes on in a later round with what slskd took up again after its restart")
    func laterRound() async throws {
        try await withFetchWorld([Self.anna]) { world in
            let order = world.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            try await world.beginAndLeave(order)
            try await world.standIn.restart()
            try await eventually { world.standIn.transfers.count == 2 }
            var later = order
            (later.round, later.earlierRounds) = ("2", ["1"])
            try world.expectOnce(try await world.followWhenReady(later), Self.file)
            #expect(world.steps.all.contains(.adopted))
        }
    }

    @Test("blames no peer when slskd fails at an order", arguments: [nil, 2])
    func failsAtOrder(_ times: Int?) async throws {
        try await withFetchWorld([Self.anna]) { world in
            let order = world.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            let routes: Set<StandInRoute> = times == nil ? [.enqueueBatch, .server] : [.enqueueBatch]
            world.standIn.inject(.answers(status: 500), on: routes, times: times)
            var result = try await world.follow(order)
            if times == nil {
                guard case .away(let error, _) = result else { throw NotInTime(description: "\(result)") }
                #expect(error.code == .unavailable)
                world.standIn.clearFaults()
                result = try await world.followWhenReady(order)
            }
            guard case .acquired = result else { throw NotInTime(description: "\(result)") }
            #expect(world.standIn.transfers.count == 1)
        }
    }

    @Test("orders once more what failed while nobody followed it")
    func failsUnseen() async throws {
        try await withFetchWorld([Self.anna]) { world in
            let order = world.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            try await world.beginAndLeave(order)
            world.standIn.loseNetwork()
            try await eventually {
                world.standIn.transfers.contains { $0.attempts == 3 && $0.state == .errored }
            }
            world.standIn.reconnect()
            guard case .acquired = try await world.followWhenReady(order) else {
                throw NotInTime(description: "not acquired")
            }
            #expect(world.standIn.transfers.count == 2)
            #expect(world.listed == 0)
        }
    }

    @Test("leaves a file alone that somebody else has fetched by slskd")
    func somebodyElses() async throws {
        try await withFetchWorld([SlskdPeer("anna", files: [Self.file])]) { world in
            _ = await world.world.enqueue(Self.file, from: "anna")
            try await eventually { world.standIn.transfers.first?.localFile != nil }
            let theirs = try #require(world.standIn.transfers.first?.localFile)
            let result = try await world.follow(world.order(Self.file, from: "anna", job: JobID()))
            guard case .acquired = result else { throw NotInTime(description: "\(result)") }
            #expect(world.standIn.transfers.count == 2)
            #expect(try Data(contentsOf: theirs) == Self.file.content.data())
        }
    }
}

extension FetchWorld {
    /// Orders a file, and follows it no more once bytes flow.
    fileprivate func beginAndLeave(_ order: TransferOrder) async throws {
        let first = Task { try await follow(order) }
        try await isReceiving()
        first.cancel()
        _ = await first.result
    }

    fileprivate func followWhenReady(_ order: TransferOrder) async throws -> TransferResult {
        try await eventually { try await client.isAnsweringAndReady }
        return try await follow(order)
    }

    /// The file is there, and was ordered once.
    fileprivate func expectOnce(_ result: TransferResult, _ file: SlskdSharedFile) throws {
        guard case .acquired(let fetched) = result else { throw NotInTime(description: "\(result)") }
        #expect(try Data(contentsOf: fetched.file) == file.content.data())
        #expect(standIn.enqueues(of: file.path) == 1)
        #expect(running == 0)
    }
}
