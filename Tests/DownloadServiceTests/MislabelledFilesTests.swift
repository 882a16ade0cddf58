import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import DownloadService

@Suite("Fetched files that are not the offered recording")
struct MislabelledFilesTests {
    private static let users = ["anna", "bert", "cleo", "dora", "emil", "fred", "gina"]

    @Test("The next candidate is fetched, the mislabelled file is deleted, and it counts once against its peer")
    func nextCandidate() async throws {
        try await withFixture { fixture in
            let fetched = try await fixture.fetch(fixture.job())
            let back = fixture.returned(fetched)
            for _ in 0..<3 {
                // A process that dies at any time has the same document delivered again.
                let next = try await fixture.fetch(back)
                #expect(next.download?.user == "bert")
                #expect(next.transfer?.mislabelledFiles.map(\.user) == ["anna"])
                #expect(try fixture.files(of: next) == ["bert.flac"])
            }
            #expect(try await fixture.lies(of: "anna") == 1)
            #expect(try await fixture.lies(of: "bert") == 0)
        }
    }

    @Test("After six mislabelled files the seventh candidate is fetched")
    func manyLiars() async throws {
        try await withFixture { fixture in
            var job = try await fixture.fetch(fixture.job())
            for _ in 0..<6 { job = try await fixture.fetch(fixture.returned(job)) }
            #expect(job.download?.user == "gina")
            #expect(fixture.source.orders.compactMap(\.candidate.user) == Self.users)
            #expect(Set(fixture.source.orders.map(\.round)) == ["1"])
            #expect(try fixture.files(of: job) == ["gina.flac"])
        }
    }

    @Test("Without further candidates the job is matched again, and no mislabelled file is fetched again")
    func noneLeft() async throws {
        try await withFixture { fixture in
            var job = fixture.job(Array(Self.users.prefix(2)))
            for _ in 0..<2 { job = fixture.returned(try await fixture.fetch(job)) }
            guard case .restart(from: .match, let next, let error) = try await fixture.handle(job) else {
                throw NotInTime(description: "no new search")
            }
            #expect(error.code == .verificationFailed)
            #expect(next.download == nil)
            #expect(next.transfer?.round == 2)
            #expect(next.transfer?.mislabelledFiles.map(\.user) == ["anna", "bert"])
            #expect(try fixture.files(of: next).isEmpty)
            // The same ones are all there is.
            guard case .retry(_, _, .match, _) = try await fixture.handle(next) else {
                throw NotInTime(description: "something was fetched")
            }
            #expect(fixture.source.orders.count == 2)
        }
    }

    @Test("A later job for the same track skips mislabelled files, and one for another track does not")
    func otherJobs() async throws {
        try await withFixture { fixture in
            _ = try await fixture.fetch(fixture.returned(try await fixture.fetch(fixture.job())))
            let later = try await fixture.fetch(fixture.job())
            #expect(later.download?.user == "bert")
            #expect(later.transfer?.mislabelledFiles.map(\.user) == ["anna"])
            var other = fixture.job()
            other.track.title = "Another"
            #expect(try await fixture.fetch(other).download?.user == "anna")
            #expect(try await fixture.lies(of: "anna") == 1)
        }
    }

    @Test("A refused candidate is tried again in another round, and a mislabelled one is not")
    func anotherRound() async throws {
        try await withFixture { fixture in
            var job = fixture.job(["anna", "bert"])
            job.transfer = TransferSection(round: 2)
            for (index, code) in ["refused", "verification_failed"].enumerated() {
                let candidate = try #require(job.match?.candidates[index])
                job.transfer?.failedCandidates.append(
                    .init(user: candidate.user, key: candidate.key, code: code, round: 1))
            }
            #expect(try await fixture.fetch(job).download?.user == "anna")
        }
    }

    @Test("Mislabelled files are kept when the list of failed candidates is full")
    func keepsFalse() {
        var section = TransferSection()
        section.recordFailure("liar", CandidateKey(path: "a.flac", size: 1), "verification_failed")
        for number in 0..<60 { section.recordFailure("u\(number)", CandidateKey(path: "a.flac", size: 1), "refused") }
        #expect(section.failedCandidates.count == TransferSection.maximumFailedCandidates)
        #expect(section.mislabelledFiles.map(\.user) == ["liar"])
        #expect(section.failedCandidates.last?.user == "u59")
    }

    private func withFixture(_ test: @Sendable (MislabelledFilesFixture) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in try await test(try MislabelledFilesFixture(folder)) }
    }
}

/// A download stage whose peers all deliver, with a database of peers.
struct MislabelledFilesFixture: Sendable {
    let source: ScriptedTransfers
    private let handler: DownloadHandler
    private let store: PeerStore
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(_ folder: TemporaryFolder) throws {
        source = ScriptedTransfers { order in
            let file = order.directory.appending(path: "\(order.candidate.user ?? "").flac")
            try FileManager.default.createDirectory(at: order.directory, withIntermediateDirectories: true)
            try Data(repeating: 1, count: 1000).write(to: file)
            return .acquired(AcquiredFile(file: file, size: 1000, sha256: String(repeating: "0", count: 64)))
        }
        store = try PeerStore(folder.file("peers.db"))
        handler = DownloadHandler(
            sources: ["slskd": source], staging: StagingArea(downloads: try folder.folder("downloads")),
            peers: PeerReputation(store: store, logger: logger))
    }

    func job(_ users: [String] = ["anna", "bert", "cleo", "dora", "emil", "fred", "gina"]) -> JobDocument {
        var job = JobDocument(track: Track(artist: "Band", title: "Song"))
        let candidates = users.enumerated().map {
            Candidate(source: "slskd", user: $1, path: #"Music\01 Song.flac"#, size: 1000, score: 1 - 0.05 * Double($0))
        }
        job.match = MatchSection(score: 1, components: [:], candidates: candidates)
        return job
    }

    /// The job as the tag stage sends it back.
    func returned(_ job: JobDocument) -> JobDocument {
        var job = job
        if let candidate = job.fetchedFromPeer {
            job.transfer?.recordFailure(candidate.user, candidate.key, "verification_failed")
        }
        return job
    }

    func handle(_ job: JobDocument) async throws -> Outcome {
        try await handler.handle(
            job, JobContext(stage: .download, attempt: 1, worker: "test", logger: logger) { _, _ in })
    }

    func fetch(_ job: JobDocument) async throws -> JobDocument {
        let outcome = try await handle(job)
        guard case .completed(let next, _) = outcome else { throw NotInTime(description: "\(outcome)") }
        return next
    }

    func lies(of user: String) async throws -> Double {
        try await store.records(of: [user])[user].map { $0.lies.rounded() } ?? 0
    }

    func files(of job: JobDocument) throws -> [String] {
        let folder = handler.staging.folder(of: job.jobID).path
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
}
