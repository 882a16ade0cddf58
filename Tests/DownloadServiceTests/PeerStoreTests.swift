import Contracts
import Foundation
import TestSupport
import Testing

@testable import DownloadService

@Suite("The records of peers")
struct PeerStoreTests {
    private static let start = Timestamp(Date(timeIntervalSince1970: 1_800_000_000))

    private func withStore(_ test: @Sendable (PeerStore, TemporaryFolder) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in try await test(try PeerStore(folder.file("peers.db")), folder) }
    }

    @Test("Records survive a restart")
    func survives() async throws {
        try await withStore { store, folder in
            try await store.record(.delivered(bytes: 10_000_000, in: .seconds(10)), of: "anna", at: Self.start)
            try await store.record(.mislabelled, of: "anna", at: Self.start)
            let again = try PeerStore(folder.file("peers.db"))
            let record = try #require(try await again.records(of: ["anna", "nobody"], at: Self.start)["anna"])
            #expect(record.successes == 1)
            #expect(record.lies == 1)
            #expect(record.speed == 1_000_000)
            #expect(try await again.records(of: ["nobody"]).isEmpty)
        }
    }

    @Test("An event loses half of its weight in two weeks")
    func decays() async throws {
        try await withStore { store, _ in
            for _ in 0..<4 { try await store.record(.failed, of: "bert", at: Self.start) }
            let later = Self.start + .seconds(14 * 86_400)
            let record = try #require(try await store.records(of: ["bert"], at: later)["bert"])
            #expect(abs(record.failures - 2) < 0.001)
            try await store.record(.failed, of: "bert", at: later)
            let after = try #require(try await store.records(of: ["bert"], at: later)["bert"])
            #expect(abs(after.failures - 3) < 0.001)
        }
    }

    @Test("Trust decreases from delivering over new and failing peers to those with mislabelled files")
    func ordersTrust() {
        func record(_ events: PeerEvent...) -> PeerRecord {
            events.reduce(PeerRecord(user: "x", at: Self.start)) { $0.after($1, at: Self.start) }
        }
        let good = record(.delivered(bytes: 1, in: .seconds(1)), .delivered(bytes: 1, in: .seconds(1)))
        #expect(good.trust > record().trust)
        #expect(record().trust > record(.failed).trust)
        #expect(record(.failed).trust > record(.mislabelled).trust)
    }

    @Test("Only equally good candidates are sorted by trust")
    func ranks() async throws {
        @Sendable func candidate(_ user: String, _ quality: String, _ score: Double = 0.97) -> Candidate {
            var candidate = Candidate(source: "slskd", user: user, path: "a.flac", size: 1, score: score)
            candidate.quality = quality
            return candidate
        }
        try await withStore { store, _ in
            try await store.record(.failed, of: "slow", at: Self.start)
            try await store.record(.failed, of: "slow", at: Self.start)
            for _ in 0..<3 {
                try await store.record(.delivered(bytes: 1, in: .seconds(1)), of: "lossy", at: Self.start)
            }
            _ = try await store.ban("rude", because: "sends noise", at: Self.start)
            let candidates = [
                candidate("rude", "lossless16"), candidate("slow", "lossless16"), candidate("new", "lossless16"),
                candidate("lossy", "lossyHigh"), candidate("far", "lossyHigh", 0.90),
            ]
            let users = Set(candidates.compactMap(\.user))
            let ranking = PeerRanking(records: try await store.records(of: users, at: Self.start))
            #expect(ranking.ranked(candidates).compactMap(\.user) == ["new", "slow", "lossy", "far"])
        }
    }

    @Test("A ban and its end are stored")
    func bans() async throws {
        try await withStore { store, _ in
            try await store.record(.failed, of: "carl")
            let banned = try await store.ban("dora", because: "spam")
            #expect(banned.isBanned)
            #expect(try await store.page(limit: 10, offset: 0).peers.map(\.user) == ["dora", "carl"])
            #expect(try await !store.unban("dora").isBanned)
            let page = try await store.page(limit: 1, offset: 0)
            #expect(page.peers.map(\.user) == ["carl"])
            #expect(page.total == 2)
        }
    }
}
