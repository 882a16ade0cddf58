import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import DownloadService

@Suite("The download stage with transfers that continue elsewhere")
struct DownloadHandlerTests {
    private static func candidates(_ users: String...) -> [Candidate] {
        users.map { Candidate(source: "slskd", user: $0, path: #"Music\01 Song.flac"#, size: 1000, score: 0.9) }
    }

    private static func job(_ candidates: [Candidate]) -> JobDocument {
        var job = JobDocument(track: Track(artist: "Band", title: "Song"))
        job.match = MatchSection(score: 0.9, components: [:], candidates: candidates)
        return job
    }

    private func handle(
        _ job: JobDocument, _ source: ScriptedTransfers, holdEnds: ContinuousClock.Instant = .now + .seconds(600)
    ) async throws -> Outcome {
        try await withTemporaryFolder { folder in
            let handler = DownloadHandler(
                sources: ["slskd": source], staging: StagingArea(downloads: try folder.folder("downloads")))
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let context = JobContext(
                stage: .download, attempt: 1, worker: "test", logger: logger, holdEnds: holdEnds
            ) { _, _ in }
            return try await handler.handle(job, context)
        }
    }

    @Test("After a failure the next candidate is tried, and each order states whether there are others")
    func falls() async throws {
        let source = ScriptedTransfers { order in
            guard order.candidate.user == "cleo" else { throw SourceError(.refused, "no") }
            return .acquired(AcquiredFile(file: order.directory.appending(path: "a.flac"), size: 1000, sha256: "00"))
        }
        let outcome = try await handle(Self.job(Self.candidates("anna", "bert", "cleo")), source)
        guard case .completed(let job, _) = outcome else { throw NotInTime(description: "\(outcome)") }
        #expect(job.download?.user == "cleo")
        #expect(job.fetchedFromPeer?.user == "cleo")
        #expect(job.transfer?.failedCandidates.map(\.user) == ["anna", "bert"])
        #expect(source.orders.map(\.candidate.user) == ["anna", "bert", "cleo"])
        #expect(source.orders.map(\.hasAlternatives) == [true, true, false])
    }

    @Test("A peer that is away is tried once, not file by file")
    func triesAwayPeersOnce() async throws {
        let source = ScriptedTransfers { order in
            guard order.candidate.user == "cleo" else { throw SourceError(.peerAway, "the peer is offline") }
            return .acquired(AcquiredFile(file: order.directory.appending(path: "a.flac"), size: 1000, sha256: "00"))
        }
        let candidates = (1...3).map {
            Candidate(source: "slskd", user: "anna", path: #"Music\0\#($0) Song.flac"#, size: 1000, score: 0.9)
        }
        let outcome = try await handle(Self.job(candidates + Self.candidates("cleo")), source)
        guard case .completed(let job, _) = outcome else { throw NotInTime(description: "\(outcome)") }
        #expect(source.orders.map(\.candidate.user) == ["anna", "cleo"])
        #expect(job.transfer?.failedCandidates.map(\.code) == ["peer_away", "peer_away", "peer_away"])
    }

    @Test("A round with new candidates is no attempt; one in which the same ones fail again is")
    func countsRoundsWithoutNews() async throws {
        let source = ScriptedTransfers { _ in throw SourceError(.peerAway, "the peer is offline") }
        var job = Self.job(Self.candidates("anna", "bert"))
        guard case .restart(from: .match, let second, _) = try await handle(job, source) else {
            throw NotInTime(description: "the job was not matched again")
        }
        #expect(second.transfer?.round == 2)
        // The next search finds one more peer.
        job = second
        job.match?.candidates = Self.candidates("cleo", "anna", "bert")
        guard case .restart(from: .match, let third, _) = try await handle(job, source) else {
            throw NotInTime(description: "the job was not matched again")
        }
        #expect(source.orders.map(\.candidate.user) == ["anna", "bert", "cleo"])
        guard case .retry(_, _, from: .match, let fourth?) = try await handle(third, source) else {
            throw NotInTime(description: "the round counted as no attempt")
        }
        #expect(fourth.transfer?.failedCandidates.map(\.tries) == [2, 2, 2])
        #expect(source.orders.map(\.candidate.user) == ["anna", "bert", "cleo", "cleo", "anna", "bert"])
    }

    @Test("A queued transfer is snoozed and continued first, in the same round")
    func parks() async throws {
        let source = ScriptedTransfers { order in
            guard order.candidate.user == "bert" else { throw SourceError(.timedOut, "no") }
            return .pending("in a queue", wait: .init(.peerQueue, provider: "slskd", peer: "bert", place: 7))
        }
        let first = try await handle(Self.job(Self.candidates("anna", "bert")), source)
        guard case .snooze(_, _, let wait, let pending?) = first else { throw NotInTime(description: "\(first)") }
        #expect(wait == .init(.peerQueue, provider: "slskd", peer: "bert", place: 7))
        #expect(pending.transfer?.user == "bert")
        #expect(pending.transfer?.failedCandidates.map(\.user) == ["anna"])
        let since = try #require(pending.transfer?.since)
        let again = try ContractCoding.decode(JobDocument.self, from: try ContractCoding.encode(pending))
        guard case .snooze = try await handle(again, source) else { throw NotInTime(description: "not snoozed") }
        let order = try #require(source.orders.last)
        #expect(source.orders.map(\.candidate.user) == ["anna", "bert", "bert"])
        #expect(abs(try #require(order.since).since(since) / .milliseconds(1)) < 2)
        #expect(order.round == "1")
        #expect(!order.hasAlternatives)
    }

    @Test(
        "The job is snoozed while the source is unavailable, and a lost transfer is ordered in a new round",
        arguments: [
            false, true,
        ])
    func away(_ isLost: Bool) async throws {
        let source = ScriptedTransfers { _ in
            .sourceUnavailable(SourceError(.unavailable, "slskd is unavailable"), isLost: isLost)
        }
        let outcome = try await handle(Self.job(Self.candidates("anna", "bert")), source)
        guard case .snooze(_, let reason, let wait, let job?) = outcome else {
            throw NotInTime(description: "\(outcome)")
        }
        #expect(reason == "slskd is unavailable" && wait == .init(.sourceAway, provider: "slskd"))
        #expect(job.transfer?.round == (isLost ? 2 : 1))
        #expect(job.transfer?.failedCandidates.isEmpty == true)
        #expect(source.orders.count == 1)
    }

    @Test("When all candidates failed, the job is matched again and keeps them as failed")
    func searchesAnew() async throws {
        let source = ScriptedTransfers { _ in throw SourceError(.refused, "no") }
        let outcome = try await handle(Self.job(Self.candidates("anna", "bert")), source)
        guard case .restart(from: .match, let job, let error) = outcome else {
            throw NotInTime(description: "\(outcome)")
        }
        #expect(error.code == .noSource)
        #expect(job.transfer?.round == 2)
        #expect(job.transfer?.failedCandidates.map(\.user) == ["anna", "bert"])
        var next = job
        next.match?.candidates = Self.candidates("anna", "dora")
        _ = try await handle(next, source)
        #expect(source.orders.dropFirst(2).map(\.candidate.user) == ["dora"])
        #expect(source.orders.last?.round == "2")
    }

    @Test(
        "At the hold limit the job is handed back with what identifies its transfer, and is continued in the same round"
    )
    func handsBack() async throws {
        let source = ScriptedTransfers { _ in .handedBack }
        let holdEnds = ContinuousClock.now + .seconds(100)
        let first = try await handle(Self.job(Self.candidates("anna", "bert")), source, holdEnds: holdEnds)
        guard case .handBack(let job) = first else { throw NotInTime(description: "\(first)") }
        #expect(source.orders.map(\.holdEnds) == [holdEnds])
        #expect(job.transfer?.user == "anna" && job.transfer?.round == 1)
        let since = try #require(job.transfer?.since)
        guard case .handBack(let again) = try await handle(job, source) else { throw NotInTime(description: "ended") }
        #expect(again.transfer?.since == since)
        #expect(source.orders.map(\.candidate.user) == ["anna", "anna"])
        #expect(source.orders.map(\.round) == ["1", "1"])
    }

    @Test("After the hold limit no further candidate is begun, and the failed ones are kept")
    func beginsNoOther() async throws {
        let source = ScriptedTransfers { _ in throw SourceError(.refused, "no") }
        let outcome = try await handle(Self.job(Self.candidates("anna", "bert")), source, holdEnds: .now)
        guard case .handBack(let job) = outcome else { throw NotInTime(description: "\(outcome)") }
        #expect(source.orders.map(\.candidate.user) == ["anna"])
        #expect(job.transfer?.failedCandidates.map(\.user) == ["anna"])
    }

    @Test("A disk with too little free space is not ready")
    func floor() {
        #expect(DiskFloor.judge(2_000_000_000, 1_000_000_000, "/data") == .ok)
        guard case .failing(let reason) = DiskFloor.judge(5_000_000, 1_000_000_000, "/data") else {
            Issue.record("five megabytes are enough")
            return
        }
        #expect(reason.contains("HDM_DISK_FLOOR_MB"))
    }
}

/// A source whose transfers end as a script determines.
final class ScriptedTransfers: FetchSource {
    let name = "slskd"
    private let script: @Sendable (TransferOrder) async throws -> TransferResult
    private let seen = Mutex<[TransferOrder]>([])

    init(_ script: @escaping @Sendable (TransferOrder) async throws -> TransferResult) { self.script = script }

    var orders: [TransferOrder] { seen.withLock { $0 } }

    func readiness() async -> SourceReadiness { .ready }

    func follow(
        _ order: TransferOrder, report: @escaping @Sendable (TransferStep) -> Void
    ) async throws -> TransferResult {
        seen.withLock { $0.append(order) }
        return try await script(order)
    }

    func acquire(
        _ candidate: Candidate, job: JobID, into directory: URL,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> AcquiredFile {
        throw SourceError(.refused, "transfers are followed")
    }

    func cancel(job: JobID) async {}

    func abandon(_ candidates: [Candidate], of job: JobID) async throws {}
}
