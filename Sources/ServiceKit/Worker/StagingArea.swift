public import Contracts
import Files
public import Foundation

/// The folders of jobs in progress: `<downloads>/jobs/<job id>`, one for each job.
///
/// An ended job leaves a marker, `<downloads>/.harmony/done/<job id>`, with the generation that ended, so that a message
/// that a crash repeated is recognised.
public struct StagingArea: Sendable {
    public let downloads: URL

    public init(downloads: URL) { self.downloads = downloads }

    /// Returns the folder of a job's files.
    public func folder(of job: JobID) -> URL { downloads.appending(path: "jobs/\(job)", directoryHint: .isDirectory) }

    /// Returns the path of a job's file as documents contain it: relative to the downloads folder.
    public func path(of name: String, job: JobID) -> String { "jobs/\(job)/\(name)" }

    /// Returns the file with a path from a document. Any publisher can write a document, so the path must be a file
    /// directly in the job's own folder.
    /// - Throws: `JobError` `.invalidPayload` for another path.
    public func resolve(_ path: String, of job: JobID) throws(JobError) -> URL {
        // Compared by bytes, as the file system does: for Swift, a slash before a combining mark is another character.
        let prefix = "jobs/\(job)/".utf8
        let name = path.utf8.dropFirst(prefix.count)
        guard path.utf8.starts(with: prefix), !name.isEmpty, !name.elementsEqual(".".utf8),
            !name.elementsEqual("..".utf8), !name.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else { throw JobError(.invalidPayload, "the job names a file outside its own folder") }
        return folder(of: job).appending(path: String(Substring(name)), directoryHint: .notDirectory)
    }

    /// Creates the folder of a job's files. Blocks.
    public func makeFolder(of job: JobID) throws -> URL {
        let folder = folder(of: job)
        try DiskFolder(folder.path).make()
        return folder
    }

    /// Whether the job has ended. Blocks for a moment.
    public func isFinished(_ job: JobID) -> Bool { FileStatus.exists(marker(of: job).path) }

    /// Returns the generation in which the job ended; `nil` if it has not ended. Blocks for a moment.
    public func finishedGeneration(of job: JobID) throws(JobError) -> Int? {
        do {
            guard let bytes = try marker(of: job).read(limit: 64) else { return nil }
            // Markers of earlier versions are empty.
            return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
        } catch {
            throw JobError(error)
        }
    }

    /// Marks a job as ended, durably, and then removes its files. Blocks. A repetition changes nothing.
    /// - Parameter generation: how often the job was requeued.
    public func finish(_ job: JobID, generation: Int = 0) throws(JobError) {
        do {
            let folder = DiskFolder(of: marker(of: job).path)
            try folder.make()
            // A repetition needs no space, so that it works on a full volume.
            if isFinished(job) {
                try folder.synchronise()
            } else {
                try marker(of: job).replace(Array("\(generation)".utf8))
            }
        } catch {
            throw JobError(error)
        }
        removeFiles(of: job)
    }

    /// Removes the job's folder and its content. A link in its place is removed and not followed. Blocks.
    ///
    /// Errors are ignored: the job has ended, and the files only use space.
    public func removeFiles(of job: JobID) {
        try? FileManager.default.removeItem(at: URL(filePath: folder(of: job).path))
    }

    private func marker(of job: JobID) -> SmallFile {
        SmallFile(downloads.appending(path: ".harmony/done/\(job)").path)
    }
}

extension StagingArea {
    /// Whether the job has ended. If so, the files that a repeated message left are removed. For workers of all stages
    /// but the last.
    @Sendable public func dropIfFinished(_ job: JobID) async -> Bool {
        // Without a result, such as on a volume that hangs, the files stay until the next time.
        let isOver = try? await BlockingPool.markers.run(within: .seconds(5)) { isFinished(job) }
        guard isOver == true else { return false }
        try? await BlockingPool.removals.run(within: .seconds(60)) { removeFiles(of: job) }
        return true
    }
}
