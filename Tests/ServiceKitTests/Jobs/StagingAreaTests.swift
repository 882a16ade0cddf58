import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

struct StagingAreaTests {
    private static let job = JobID("job-1") ?? JobID()
    private let files = FileManager.default

    @Test(arguments: [
        "song.flac", "a b.mp3", "..song", "...", "é日本🎵.opus", "a%2Fb", "%2e%2e", "~", "a\\b", "\u{301}x", "-rf",
    ])
    func `A file in the job's own folder is resolved by its exact name`(_ name: String) throws {
        let area = StagingArea(downloads: URL(filePath: "/data/downloads"))
        let path = area.path(of: name, job: Self.job)
        #expect(path == "jobs/job-1/\(name)")
        let file = try area.resolve(path, of: Self.job)
        #expect(file.path.utf8.elementsEqual("/data/downloads/jobs/job-1/\(name)".utf8))
    }

    @Test(arguments: [
        "", "jobs", "jobs/", "jobs/job-1", "jobs/job-1/", "jobs/job-1//", "jobs/job-1/.", "jobs/job-1/..",
        "jobs/job-1/../x",
        "jobs/job-1/../job-2/x", "jobs/job-1/a/b", "jobs/job-1/./x", "jobs/job-2/x", "jobs/job-10/x",
        "jobs/../jobs/job-1/x",
        "/jobs/job-1/x", "./jobs/job-1/x", "/etc/passwd", "../etc/passwd", "jobs//job-1/x", "JOBS/job-1/x",
        "jobs/job-1/x\0", "jobs/job-1/\0", "jobs/job-1/../\u{301}x", "jobs/job-1/a/\u{338}b", "jobs\u{2215}job-1/x",
        "file:///data/downloads/jobs/job-1/x", "jobs/job-1\u{301}/x", "jobs/job-1/\u{301}/x",
    ])
    func `A path outside the job's folder is refused`(_ path: String) throws {
        let area = StagingArea(downloads: URL(filePath: "/data/downloads"))
        let failure = #expect(throws: JobError.self) { try area.resolve(path, of: Self.job) }
        #expect(failure?.code == .invalidPayload)
        #expect(path.isEmpty || failure?.message.contains(path) == false)
    }

    @Test func `Finishing a job removes its files and no others, and can be repeated`() async throws {
        try await withTemporaryFolder { folder in
            let area = StagingArea(downloads: folder.url)
            let other = JobID()
            for job in [Self.job, other] {
                let own = try area.makeFolder(of: job)
                try Data("x".utf8).write(to: own.appending(path: "song.flac"))
            }
            #expect(try area.makeFolder(of: Self.job) == area.folder(of: Self.job))
            #expect(!area.isFinished(Self.job))
            for _ in 0..<3 {
                try area.finish(Self.job)
                #expect(area.isFinished(Self.job))
                #expect(!files.fileExists(atPath: area.folder(of: Self.job).path))
            }
            #expect(files.fileExists(atPath: folder.path("jobs/\(other)/song.flac")))
            #expect(!area.isFinished(other))
        }
    }

    @Test func `The marker of an ended job has the generation, and those of earlier versions count as the first`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let area = StagingArea(downloads: folder.url)
            #expect(try area.finishedGeneration(of: Self.job) == nil)
            try area.finish(Self.job, generation: 3)
            #expect(try area.finishedGeneration(of: Self.job) == 3)
            try Data().write(to: folder.url.appending(path: ".harmony/done/\(Self.job)"))
            #expect(try area.finishedGeneration(of: Self.job) == 0)
        }
    }

    @Test func `A job without files can be finished`() async throws {
        try await withTemporaryFolder { folder in
            let area = StagingArea(downloads: folder.url)
            try area.finish(Self.job)
            #expect(area.isFinished(Self.job))
        }
    }

    @Test func `The files stay when the marker cannot be written`() async throws {
        try await withTemporaryFolder { folder in
            let area = StagingArea(downloads: folder.url)
            let own = try area.makeFolder(of: Self.job)
            try Data("x".utf8).write(to: own.appending(path: "song.flac"))
            try Data().write(to: folder.file(".harmony"))
            let failure = #expect(throws: JobError.self) { try area.finish(Self.job) }
            #expect(failure?.code == .internalError)
            #expect(files.fileExists(atPath: folder.path("jobs/job-1/song.flac")))
            #expect(!area.isFinished(Self.job))
        }
    }

    @Test func `Files that a repeated message left of a finished job are removed, and no others`() async throws {
        try await withTemporaryFolder { folder in
            let area = StagingArea(downloads: folder.url)
            try area.finish(Self.job)
            _ = try area.makeFolder(of: Self.job)
            #expect(await area.dropIfFinished(Self.job))
            #expect(!files.fileExists(atPath: area.folder(of: Self.job).path))
            let other = JobID()
            _ = try area.makeFolder(of: other)
            #expect(await !area.dropIfFinished(other))
            #expect(files.fileExists(atPath: area.folder(of: other).path))
        }
    }

    @Test func `A link in place of the job's folder is removed, not followed`() async throws {
        try await withTemporaryFolder { folder in
            let area = StagingArea(downloads: folder.url)
            let music = try folder.folder("music")
            try Data("x".utf8).write(to: music.appending(path: "song.flac"))
            try folder.folder("jobs")
            try files.createSymbolicLink(atPath: folder.path("jobs/job-1"), withDestinationPath: music.path)
            try area.finish(Self.job)
            #expect((try? files.destinationOfSymbolicLink(atPath: folder.path("jobs/job-1"))) == nil)
            #expect(files.fileExists(atPath: folder.path("music/song.flac")))
        }
    }
}
