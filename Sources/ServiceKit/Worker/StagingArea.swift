public import Contracts
public import Foundation
import NIOPosix

/// The folders in which jobs' files are while they are worked on: `<downloads>/jobs/<job id>`, one for each job.
///
/// A finished job leaves an empty marker, `<downloads>/.harmony/done/<job id>`, so that a message repeated after a crash
/// can be seen to be late.
public struct StagingArea: Sendable {
    public let downloads: URL

    public init(downloads: URL) { self.downloads = downloads }

    /// The folder of a job's files.
    public func folder(of job: JobID) -> URL { downloads.appending(path: "jobs/\(job)", directoryHint: .isDirectory) }

    /// The path of a job's file as it stands in the document: relative to the downloads folder.
    public func path(of name: String, job: JobID) -> String { "jobs/\(job)/\(name)" }

    /// The file that a document names, if it lies in the job's own folder. Documents may come from anybody.
    /// - Throws: ``JobError`` `.invalidPayload` for a path elsewhere.
    public func resolve(_ path: String, of job: JobID) throws(JobError) -> URL {
        // By bytes, as the file system reads it: to Swift, a slash before a combining mark is no slash.
        let prefix = "jobs/\(job)/".utf8
        let name = path.utf8.dropFirst(prefix.count)
        guard path.utf8.starts(with: prefix), !name.isEmpty, !name.elementsEqual(".".utf8),
            !name.elementsEqual("..".utf8), !name.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else { throw JobError(.invalidPayload, "the job names a file outside its own folder") }
        return folder(of: job).appending(path: String(Substring(name)), directoryHint: .notDirectory)
    }

    /// Makes the folder of a job's files. Blocks.
    public func makeFolder(of job: JobID) throws -> URL {
        let folder = folder(of: job)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Whether the job's end was noted. Blocks for a moment.
    public func isFinished(_ job: JobID) -> Bool { access(marker(of: job).path, F_OK) == 0 }

    /// Notes the job's end, durably, and then removes its files. Blocks. Doing it again changes nothing.
    public func finish(_ job: JobID) throws(JobError) {
        do {
            let marker = marker(of: job)
            let folder = marker.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Self.write("", to: marker)
            try Self.sync(folder)
        } catch {
            throw JobError(.internalError, "the end of the job cannot be noted in \(downloads.path)/.harmony/done")
        }
        removeFiles(of: job)
    }

    /// Removes the job's folder and what is in it; a link in its place is removed, not followed. Blocks.
    public func removeFiles(of job: JobID) {
        // What is left behind costs space and nothing else: the job has its end.
        try? FileManager.default.removeItem(at: URL(filePath: folder(of: job).path))
    }

    private func marker(of job: JobID) -> URL { downloads.appending(path: ".harmony/done/\(job)") }

    /// Makes a durable file with a text of a few bytes.
    static func write(_ text: String, to file: URL) throws {
        let descriptor = open(file.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    static func sync(_ folder: URL) throws {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        fsync(descriptor)
        close(descriptor)
    }
}

extension StagingArea {
    /// Whether the job's end was noted; what a repeated message of it left behind is then removed. For workers of the
    /// stages before the last.
    @Sendable public func dropIfFinished(_ job: JobID) async -> Bool {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                guard isFinished(job) else { return false }
                removeFiles(of: job)
                return true
            }
        } catch {
            // Only a process that is ending has no threads left; the job is then redelivered.
            return false
        }
    }
}
