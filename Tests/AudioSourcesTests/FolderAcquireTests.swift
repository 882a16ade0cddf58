import Contracts
import Crypto
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AudioSources

@Suite("Fetching from music folders")
struct FolderAcquireTests {
    private let job = JobID()

    private func candidate(_ file: URL, size: Int64? = nil) throws -> Candidate {
        let actual = (try? Data(contentsOf: file).count) ?? 0
        return Candidate(source: "folder", path: file.filePath, size: size ?? Int64(actual), score: 1)
    }

    private func acquire(
        _ candidate: Candidate, from source: FolderSource, _ folder: MusicFolder,
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> AcquiredFile {
        try await source.acquire(candidate, job: job, into: folder.job, progress: progress)
    }

    private func code(_ body: () async throws -> AcquiredFile) async -> SourceError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? SourceError)?.code
        }
    }

    private func hash(_ data: Data) -> String { SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined() }

    @Test("A copy has a name of its own, and the original is unchanged")
    func copies() async throws {
        try await withMusicFolder { folder in
            let content = Data((0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let original = try folder.write(content, to: "Ärtist/The \"Song\".FLAC")
            let seen = Mutex<[TransferProgress]>([])
            let file = try await acquire(candidate(original), from: folder.source(), folder) { progress in
                seen.withLock { $0.append(progress) }
            }
            #expect(file.file.lastPathComponent == "source.flac")
            #expect(file.size == 2_500_000)
            #expect(file.sha256 == hash(content))
            #expect(try Data(contentsOf: file.file) == content)
            #expect(folder.jobFiles == ["source.flac"])
            #expect(try Data(contentsOf: original) == content)
            let steps = seen.withLock { $0 }
            #expect(steps.map(\.transferred) == [1_048_576, 2_097_152, 2_500_000])
            #expect(steps.allSatisfy { $0.total == 2_500_000 })
        }
    }

    @Test("An existing copy is adopted, also when the original no longer exists")
    func reuses() async throws {
        try await withMusicFolder { folder in
            let original = try folder.add("Song")
            let source = try folder.source()
            let wanted = try candidate(original)
            let first = try await acquire(wanted, from: source, folder)
            let inode = try inode(of: first.file)
            #expect(try await acquire(wanted, from: source, folder) == first)
            #expect(try self.inode(of: first.file) == inode)
            try FileManager.default.removeItem(at: original)
            try folder.add("Other", as: .flac)
            #expect(try await acquire(wanted, from: source, folder) == first)
            #expect(folder.jobFiles == ["source.ogg"])
        }
    }

    private func inode(of file: URL) throws -> UInt64 {
        var status = stat()
        try #require(lstat(file.filePath, &status) == 0)
        return UInt64(status.st_ino)
    }

    @Test("A file with other content is not replaced")
    func keepsOther() async throws {
        try await withMusicFolder { folder in
            let content = Data(repeating: 1, count: 1000)
            let source = try folder.source()
            let first = try await acquire(candidate(folder.write(content, to: "a.mp3")), from: source, folder)
            let other = Data(repeating: 2, count: 1000)
            let second = try await acquire(candidate(folder.write(other, to: "b.mp3")), from: source, folder)
            #expect(try Data(contentsOf: first.file) == content)
            #expect(try Data(contentsOf: second.file) == other)
            #expect(folder.jobFiles == ["source-2.mp3", "source.mp3"])
            let again = try await acquire(candidate(folder.music.appending(path: "b.mp3")), from: source, folder)
            #expect(again == second)
        }
    }

    @Test("Partial copies of killed processes are removed, those of running ones are not")
    func cleansUp() async throws {
        try await withMusicFolder { folder in
            try FileManager.default.createDirectory(at: folder.job, withIntermediateDirectories: true)
            try Data("half".utf8).write(to: folder.job.appending(path: ".source.ogg.1.partial"))
            let busy = folder.job.appending(path: ".source.ogg.2.partial")
            try Data("half".utf8).write(to: busy)
            let descriptor = open(busy.filePath, O_RDONLY)
            try #require(flock(descriptor, LOCK_EX) == 0)
            defer { close(descriptor) }
            _ = try await acquire(candidate(folder.add("Song")), from: folder.source(), folder)
            #expect(folder.jobFiles == [".source.ogg.2.partial", "source.ogg"])
        }
    }

    @Test("Every path outside the music folders is refused")
    func refusesOutside() async throws {
        try await withMusicFolder { folder in
            let secret = folder.base.appending(path: "music-private/secret.flac")
            try FileManager.default.createDirectory(
                at: secret.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: secret)
            try folder.add("Song")
            try FileManager.default.createSymbolicLink(
                at: folder.music.appending(path: "out.flac"), withDestinationURL: secret)
            try FileManager.default.createSymbolicLink(
                at: folder.music.appending(path: "out"), withDestinationURL: secret.deletingLastPathComponent())
            let music = folder.music.filePath
            let paths = [
                secret.filePath, "/etc/passwd", "/nowhere/at/all", "\(music)/../music-private/secret.flac",
                "\(music)/out.flac", "\(music)/out/secret.flac", "Song.ogg", "", "/", music, "\(music)/\0.flac",
            ]
            let source = try folder.source()
            for path in paths {
                let wanted = Candidate(source: "folder", path: path, size: 6, score: 1)
                #expect(await code { try await acquire(wanted, from: source, folder) } == .refused, "\(path)")
            }
            #expect(folder.jobFiles.isEmpty)
        }
    }

    @Test("A file that is missing or changed since its offer has its own error code")
    func namesFailure() async throws {
        try await withMusicFolder { folder in
            let file = try folder.add("Song")
            let source = try folder.source()
            let missing = try candidate(folder.music.appending(path: "No.ogg"), size: 10)
            #expect(await code { try await acquire(missing, from: source, folder) } == .gone)
            let resized = try candidate(file, size: 10)
            #expect(await code { try await acquire(resized, from: source, folder) } == .changed)
            try #require(mkfifo(folder.music.appending(path: "pipe.ogg").filePath, 0o644) == 0)
            let pipe = Candidate(
                source: "folder", path: folder.music.appending(path: "pipe.ogg").filePath, size: 0, score: 1)
            #expect(await code { try await acquire(pipe, from: source, folder) } == .refused)
            try FileManager.default.removeItem(at: folder.music)
            #expect(await code { try await acquire(resized, from: source, folder) } == .unavailable)
            #expect(folder.jobFiles.isEmpty)
        }
    }

    @Test("No copy is published when the original changes or disappears during the copy", arguments: [true, false])
    func noticesChange(isRemoved: Bool) async throws {
        try await withMusicFolder { folder in
            let file = try folder.write(Data(repeating: 1, count: 3_000_000), to: "Song.flac")
            let wanted = try candidate(file)
            let source = try folder.source()
            let failure = await code {
                try await acquire(wanted, from: source, folder) { _ in
                    if isRemoved { unlink(file.filePath) } else { truncate(file.filePath, 1_500_000) }
                }
            }
            #expect(failure == .changed)
            #expect(folder.jobFiles.isEmpty)
        }
    }

    @Test("A cancelled job ends its copy, and nothing of the copy remains")
    func cancelsJob() async throws {
        try await withMusicFolder { folder in
            let file = try folder.write(Data(repeating: 1, count: 5_000_000), to: "Song.flac")
            let source = try folder.source()
            let wanted = try candidate(file)
            let job = job
            let cancels = Mutex(true)
            await #expect(throws: CancellationError.self) {
                try await acquire(wanted, from: source, folder) { _ in
                    guard
                        cancels.withLock({ first in
                            defer { first = false }; return first
                        })
                    else { return }
                    Task { await source.cancel(job: job) }
                    source.waitUntilCancelled(job)
                }
            }
            #expect(folder.jobFiles.isEmpty)
            #expect(try await acquire(wanted, from: source, folder).size == 5_000_000)
        }
    }

    @Test("A cancelled task ends its copy")
    func cancelsTask() async throws {
        try await withMusicFolder { folder in
            let file = try folder.write(Data(repeating: 1, count: 5_000_000), to: "Song.flac")
            let source = try folder.source()
            let wanted = try candidate(file)
            let job = job
            let (started, begins) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await acquire(wanted, from: source, folder) { _ in
                    begins.finish()
                    source.waitUntilCancelled(job)
                }
            }
            for await _ in started {}
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(folder.jobFiles.isEmpty)
        }
    }

    @Test("Files are copied for many jobs concurrently")
    func copiesAtOnce() async throws {
        try await withMusicFolder { folder in
            let source = try folder.source()
            let files = try (0..<12).map {
                try folder.write(Data(repeating: UInt8($0), count: 1_200_000 + $0), to: "\($0).flac")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, file) in files.enumerated() {
                    let wanted = try candidate(file)
                    group.addTask {
                        let copy = try await source.acquire(
                            wanted, job: JobID(), into: folder.job.appending(path: "\(index)"), progress: { _ in })
                        #expect(copy.size == 1_200_000 + Int64(index))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("A job folder that cannot be used is an error of the source")
    func namesTargetFailure() async throws {
        try await withMusicFolder { folder in
            let wanted = try candidate(folder.add("Song"))
            let source = try folder.source()
            try Data().write(to: folder.job)
            await #expect(throws: SourceError.self) { try await acquire(wanted, from: source, folder) }
            let blocked = URL(filePath: "/proc/hdm-job")
            await #expect(throws: SourceError.self) {
                try await source.acquire(wanted, job: job, into: blocked, progress: { _ in })
            }
        }
    }
}

extension FolderSource {
    /// Blocks the thread of a copy until the copies of a job are cancelled.
    fileprivate func waitUntilCancelled(_ job: JobID) {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if transfers.withLock({ $0[job]?.values.allSatisfy(\.isCancelled) ?? false }) { return }
            usleep(500)
        }
    }
}
