import AudioFiles
import Contracts
import Crypto
import Fakes
import Files
import Foundation
import Logging
import ServiceKit
import TestSupport

@testable import TagService

/// A downloads folder with the downloaded file of one job.
struct TagFixture: Sendable {
    private static let pool = BlockingPool(name: "tag-test", threads: 8)

    let staging: StagingArea
    var job: JobDocument

    init(
        _ folder: TemporaryFolder, _ fixture: AudioFixture, name: String = "source", tags: AudioTags = AudioTags()
    )
        throws
    {
        staging = StagingArea(downloads: try folder.folder("downloads"))
        job = JobDocument(track: Track(artist: "Artist", title: "Title", album: "Album"))
        job.track.durationMS = fixture.durationMS
        let file = try fixture.copy(to: try staging.makeFolder(of: job.jobID), named: name, tags: tags)
        try setSource(file)
    }

    /// Declares a file of the job's folder as the downloaded one.
    mutating func setSource(_ file: URL) throws {
        let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int64 ?? 0
        job.download = DownloadSection(
            source: "folder", path: staging.path(of: file.lastPathComponent, job: job.jobID), size: size)
    }

    /// Replaces the downloaded file.
    mutating func replaceSource(with bytes: Data, named name: String = "source.flac") throws {
        let file = staging.folder(of: job.jobID).appending(path: name)
        try bytes.write(to: file)
        try setSource(file)
    }

    /// Declares the downloaded file as that of a peer, the second of two candidates.
    @discardableResult
    mutating func comesFrom(_ user: String, sha256: SHA256.Digest? = nil, announced: Int? = nil) -> Candidate {
        let size = job.download?.size ?? 0
        var candidate = Candidate(source: "slskd", user: user, path: #"Music\Title.flac"#, size: size, score: 0.9)
        candidate.durationMS = announced
        var other = candidate
        other.path = #"Music\Title (1).flac"#
        job.match = MatchSection(score: 0.9, components: [:], candidates: [other, candidate])
        var transfer = TransferSection()
        (transfer.path, transfer.user, transfer.size) = (candidate.path, user, size)
        job.transfer = transfer
        job.download?.source = candidate.source
        job.download?.user = user
        job.download?.sha256 = sha256.map { $0.map { String(format: "%02x", $0) }.joined() }
        return candidate
    }

    var run: TagRun { TagRun(job: job, staging: staging) }

    func file(_ section: TagSection) throws -> String { try staging.resolve(section.path, of: job.jobID).path }

    var source: String { staging.downloads.appending(path: job.download?.path ?? "").path }

    func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: staging.folder(of: job.jobID).path))
    }

    func handle(_ job: JobDocument? = nil) async throws -> Outcome {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let context = JobContext(stage: .tag, attempt: 1, worker: "tag-test", logger: logger) { _, _ in }
        return try await TagHandler(staging: staging, pool: Self.pool).handle(job ?? self.job, context)
    }

    func failure() async throws -> JobError? {
        do {
            _ = try await handle()
            return nil
        } catch let error as JobError {
            return error
        }
    }
}

extension TagResult {
    struct NotTagged: Error {}

    var section: TagSection {
        get throws {
            guard case .tagged(let section, _) = self else { throw NotTagged() }
            return section
        }
    }
}
