import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@testable import AudioSources

@Suite("Leftovers of killed processes at slskd")
struct SlskdLeftoversTests {
    private static let long = SlskdSharedFile.some(#"@@abcde\Music\Long\01 Long.flac"#, size: 1_000_000)
    private static let mine = SlskdSharedFile.some(#"@@abcde\Music\Mine\01 Mine.flac"#, size: 1_000_000)

    private static var peer: SlskdPeer {
        var peer = SlskdPeer("anna", files: [long, mine])
        peer.speed = 2_000
        return peer
    }

    /// A transfer whose process died, and one that a person has begun.
    private func withLeftover(
        _ test: @Sendable (_ fixture: FetchFixture, _ order: TransferOrder) async throws -> Void
    ) async throws {
        try await withFetchFixture([Self.peer]) { fixture in
            let order = fixture.order(Self.long, from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            first.cancel()
            _ = await first.result
            _ = await fixture.fixture.enqueueBatch([Self.mine], from: "anna", destination: "mine")
            try await eventually("both run") { fixture.running == 2 }
            try await test(fixture, order)
        }
    }

    @Test("A transfer of an ended job is removed with its folder, and others are not changed")
    func finished() async throws {
        try await withLeftover { fixture, order in
            let none = try await fixture.source.removeLeftovers { _ in false }
            #expect(none == 0)
            #expect(fixture.running == 2)
            let folder = try fixture.makeFolder(of: order)
            let ended: Set = [order.job]
            let count = try await fixture.source.removeLeftovers { job in ended.contains(job) }
            #expect(count == 2)
            #expect(!FileManager.default.fileExists(atPath: folder))
            try await eventually("one is left") { fixture.running == 1 }
            #expect(fixture.fake.transfers.filter { !$0.removed }.map(\.filename) == [Self.mine.path])
        }
    }

    @Test("Expired transfers are removed, unless this process follows them")
    func old() async throws {
        try await withLeftover { fixture, order in
            let later = Timestamp.now + .seconds(3 * 86_400)
            let following = Task { try await fixture.follow(order) }
            try await eventually("it is followed") { fixture.source.isFollowed(order.job) }
            let none = try await fixture.source.removeLeftovers(now: later) { _ in false }
            #expect(none == 0)
            following.cancel()
            _ = await following.result
            let one = try await fixture.source.removeLeftovers(now: later) { _ in false }
            #expect(one == 1)
            try await eventually("one is left") { fixture.running == 1 }
        }
    }
}

extension FetchFixture {
    /// The folder of a transfer below slskd's downloads, with a file in it.
    fileprivate func makeFolder(of order: TransferOrder) throws -> String {
        let identity = TransferIdentity(order.candidate, job: order.job, round: order.round)
        let folder = fake.settings.downloads.appending(path: identity.destination)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 1, count: 10).write(to: folder.appending(path: "left.flac"))
        return folder.path
    }
}
