import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@testable import AudioSources

@Suite("Deliveries that end while slskd goes on")
struct SlskdHoldTests {
    private static let files = (0..<10).map {
        SlskdSharedFile.some(#"@@abcde\Music\Long\\#($0) Long.flac"#, size: 1_000_000)
    }

    private static var anna: SlskdPeer {
        var peer = SlskdPeer("anna", files: files)
        (peer.speed, peer.uploadSlots) = (25_000, files.count)
        return peer
    }

    @Test("Ten transfers outlast their deliveries: each is handed back, adopted, and ordered once")
    func handsBack() async throws {
        try await withFetchFixture([Self.anna]) { fixture in
            let counts = try await withThrowingTaskGroup { group in
                for file in Self.files {
                    group.addTask { try await fixture.fetchInPieces(fixture.order(file, from: "anna", job: JobID())) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.allSatisfy { $0 >= 1 }, "\(counts)")
            #expect(fixture.fake.transfers.count == Self.files.count)
            #expect(fixture.fake.enqueuedTwice.isEmpty)
            #expect(fixture.listed == 0)
        }
    }

    @Test("A sweep does not end the transfer of a job that was handed back")
    func sweep() async throws {
        var anna = Self.anna
        anna.speed = 10_000
        try await withFetchFixture([anna]) { fixture in
            var order = fixture.order(Self.files[0], from: "anna", job: JobID())
            try await eventually("it was handed back while it runs") {
                order.holdEnds = .now + .milliseconds(400)
                let result = try await fixture.follow(order)
                #expect(result == .handedBack)
                return fixture.running == 1
            }
            #expect(!fixture.source.isFollowed(order.job))
            #expect(try await fixture.source.removeLeftovers { _ in false } == 0)
            #expect(fixture.running == 1)
            order.holdEnds = nil
            #expect(try await fixture.fetch(order) == Self.files[0].content.data())
            #expect(fixture.fake.transfers.count == 1)
        }
    }

    @Test("A cancelled run ends and removes nothing at slskd", arguments: [false, true])
    func cancelled(_ isQueued: Bool) async throws {
        var peer = Self.anna
        if isQueued { peer.behaviour = .neverStarts(place: 3) }
        try await withFetchFixture([peer]) { fixture in
            let order = fixture.order(Self.files[0], from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await eventually("it is ordered") { fixture.steps.all.contains(.ordered) }
            first.cancel()
            await #expect(throws: CancellationError.self) { _ = try await first.value }
            #expect(fixture.fake.log.requests(to: .cancelTransfer).isEmpty)
            #expect(fixture.running == 1)
        }
    }

    @Test("While a process follows a job's transfer, a second delivery of the job does not, and takes over after it")
    func twoDeliveries() async throws {
        try await withFetchFixture([Self.anna]) { fixture in
            let order = fixture.order(Self.files[0], from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            guard case .pending = try await fixture.follow(order) else {
                throw NotInTime(description: "followed twice")
            }
            first.cancel()
            let data = try await eventually("the second delivery has the file") { () -> Data? in
                guard case .acquired(let file) = try await fixture.follow(order) else { return nil }
                return try Data(contentsOf: file.file)
            }
            #expect(try data == Self.files[0].content.data())
            #expect(fixture.fake.transfers.count == 1)
        }
    }
}

extension FetchFixture {
    /// Fetches a file in deliveries of less than a second, and returns how many were handed back.
    fileprivate func fetchInPieces(_ order: TransferOrder) async throws -> Int {
        var order = order
        for count in 0... {
            order.holdEnds = .now + .milliseconds(700)
            switch try await follow(order) {
            case .handedBack: continue
            case .acquired: return count
            case let other: throw NotInTime(description: "\(other)")
            }
        }
        return 0
    }
}
