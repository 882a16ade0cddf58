import Contracts
import Files
import Foundation
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move handler` {
    static let pool = BlockingPool(name: "move-test", threads: 4)
    static let context = JobContext(
        stage: .move, attempt: 1, worker: "move-test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { _, _ in }

    static func document(_ fixture: MoveFixture, _ title: String = "Song", key: String? = nil) throws -> JobDocument {
        var job = JobDocument(dedupeKey: key, track: Track(artist: "Artist", title: title, album: "Album"))
        try fixture.stage("audio", of: job.jobID)
        job.tag = TagSection(
            path: fixture.staging.path(of: "tagged.flac", job: job.jobID), codec: "flac", bitrateKbps: nil,
            durationMS: 1)
        return job
    }

    @Test func `a moved file is the job's last section and in the event`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let outcome = try await MoveHandler(mover: fixture.mover(), pool: Self.pool).handle(
                Self.document(fixture), Self.context)
            guard case .completed(let job, let data) = outcome else { throw Unexpected(outcome) }
            #expect(job.move?.path == "Artist/Album/Song.flac")
            #expect(data == ["path": "Artist/Album/Song.flac"])
        }
    }

    @Test func `a duplicate has the path of the existing file`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let handler = MoveHandler(mover: try fixture.mover(), pool: Self.pool)
            _ = try await handler.handle(Self.document(fixture, key: "key"), Self.context)
            let outcome = try await handler.handle(Self.document(fixture, "Other", key: "key"), Self.context)
            guard case .duplicate(let path) = outcome else { throw Unexpected(outcome) }
            #expect(path == "Artist/Album/Song.flac")
        }
    }

    @Test func `a missing file restarts the job at the download`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try Self.document(fixture)
            fixture.staging.removeFiles(of: job.jobID)
            let outcome = try await MoveHandler(mover: fixture.mover(), pool: Self.pool).handle(job, Self.context)
            guard case .retry(let error, _, let stage, _) = outcome else { throw Unexpected(outcome) }
            #expect(error.code == .internalError)
            #expect(stage == .download)
        }
    }

    @Test func `a job that another worker is moving is snoozed without spending an attempt`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try Self.document(fixture)
            let mover = try fixture.mover()
            let lock = try FileLock.forMove(of: job.jobID.text, key: "else", in: mover.index.lockFile)
            let outcome = try await MoveHandler(mover: mover, pool: Self.pool).handle(job, Self.context)
            withExtendedLifetime(lock) {}
            guard case .snooze(let time, _, let wait, _) = outcome else { throw Unexpected(outcome) }
            #expect(time > .now)
            #expect(wait?.reason == .sameRecording)
        }
    }

    @Test func `a job without a tagged file, or with one elsewhere, is invalid`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let handler = MoveHandler(mover: try fixture.mover(), pool: Self.pool)
            var job = try Self.document(fixture)
            for path in ["/etc/passwd", "../x", "jobs/other/tagged.flac", "jobs/\(job.jobID)/../x"] {
                job.tag?.path = path
                #expect(try await Self.failure(handler, job) == .invalidPayload)
            }
            job.tag = nil
            #expect(try await Self.failure(handler, job) == .invalidPayload)
        }
    }

    static func failure(_ handler: MoveHandler, _ job: JobDocument) async throws -> ErrorCode? {
        do {
            _ = try await handler.handle(job, context)
            return nil
        } catch let error as JobError {
            return error.code
        }
    }

    @Test(arguments: [
        (ENOSPC, ErrorCode.diskFull), (EDQUOT, .diskFull), (EACCES, .permissionDenied), (EPERM, .permissionDenied),
        (EROFS, .permissionDenied), (EIO, .internalError), (ENOTDIR, .internalError),
    ])
    func `failures of the file system have their codes and name the path and the user`(number: Int32, code: ErrorCode) {
        let error = JobError(FileError("create", "/music/x", number: number))
        #expect(error.code == code)
        #expect(error.message.contains("/music/x"))
        #expect(error.message.contains("uid \(geteuid())"))
    }

    @Test func `the check of the music volume reports the reason and leaves no file`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            #expect(await MusicVolumeCheck(folder: fixture.music).run() == .ok)
            #expect(try fixture.files().isEmpty)
            let missing = await MusicVolumeCheck(folder: folder.file("unmounted")).run()
            guard case .failing(let reason) = missing else { throw NotFailing() }
            #expect(reason.contains("unmounted"))
            guard case .failing = await MusicVolumeCheck(folder: URL(filePath: "/sys")).run() else {
                throw NotFailing()
            }
        }
    }
}

private struct NotFailing: Error {}

private struct Unexpected: Error {
    let outcome: String

    init(_ outcome: Outcome) { self.outcome = "\(outcome)" }
}
