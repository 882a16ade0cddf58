public import Contracts
import Files
import Foundation

/// The markers of cancelled jobs: a small file for each job, `<downloads>/.harmony/cancelled/<job id>`.
///
/// The markers are authoritative: every process reads them, and they outlive restarts. A message of a cancelled job is
/// dropped by the service that receives it. The file contains how often the job had been requeued when it was cancelled;
/// a later generation of the job is not cancelled.
public struct CancelledJobs: Sendable {
    private let staging: StagingArea

    public init(_ staging: StagingArea) { self.staging = staging }

    /// Marks a job as cancelled, durably. Blocks. A repetition changes nothing.
    /// - Parameter requeues: how often it had been requeued.
    public func cancel(_ job: JobID, requeues: Int) throws(JobError) { try raise(marker(of: job), to: requeues) }

    /// Marks that a cancelled job is about to be requeued, durably, so that the cleanup of the cancelled generation does
    /// not remove files of the next one. Blocks. A repetition changes nothing.
    /// - Parameter requeues: how often it was requeued, including this time.
    public func revive(_ job: JobID, requeues: Int) throws(JobError) { try raise(successor(of: job), to: requeues) }

    /// Whether this generation of a job is cancelled. Blocks for a moment.
    public func isCancelled(_ job: JobID, requeues: Int) -> Bool {
        Self.number(in: marker(of: job)).map { requeues <= $0 } ?? false
    }

    private func raise(_ file: SmallFile, to number: Int) throws(JobError) {
        guard (Self.number(in: file) ?? -1) < number else { return }
        do {
            try DiskFolder(of: file.path).make()
            try file.replace(Array("\(number)\n".utf8))
        } catch {
            throw JobError(error)
        }
    }

    /// - Returns: `nil` for a file that does not exist or contains no number.
    fileprivate static func number(in file: SmallFile) -> Int? {
        // Usually there is no file, and a worker checks each of its jobs every second.
        guard FileStatus.exists(file.path), let bytes = try? file.read(limit: 64) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func marker(of job: JobID) -> SmallFile { file("\(job)") }

    /// Job ids contain no dot, so the name is not the marker of another job.
    private func successor(of job: JobID) -> SmallFile { file("\(job).again") }

    private func file(_ name: String) -> SmallFile {
        SmallFile(staging.downloads.appending(path: ".harmony/cancelled/\(name)").path)
    }
}

// For workers. A call fails when the process ends and its pool has stopped, and with a limit when the volume hangs.
extension CancelledJobs {
    /// Returns those of the generations that are cancelled.
    func cancelled(among generations: [JobGeneration]) async -> [JobGeneration] {
        guard !generations.isEmpty else { return [] }
        let cancelled = try? await BlockingPool.markers.run(within: .seconds(5)) {
            generations.filter { isCancelled($0.job, requeues: $0.requeues) }
        }
        return cancelled ?? []
    }

    /// Whether the job was cancelled within the last `span`.
    func wasCancelled(_ job: JobID, within span: Duration) async -> Bool {
        let status = try? await BlockingPool.markers.run(within: .seconds(5)) {
            try FileStatus.read(marker(of: job).path)
        }
        guard let status = status ?? nil else { return false }
        let time = Timestamp(Date(timeIntervalSince1970: Double(status.modifiedSeconds)))
        return Timestamp.now.since(time) < span
    }

    /// Whether the job was requeued after this generation. If in doubt, yes: then no files are removed.
    func hasSuccessor(_ generation: JobGeneration) async -> Bool {
        let isLater = try? await BlockingPool.markers.run(within: .seconds(5)) {
            Self.number(in: successor(of: generation.job)).map { $0 > generation.requeues } ?? false
        }
        return isLater ?? true
    }

    /// Removes the job's folder.
    func removeFiles(of job: JobID) async {
        try? await BlockingPool.removals.run(within: .seconds(30)) { staging.removeFiles(of: job) }
    }
}

/// A job between two requeues.
struct JobGeneration: Sendable, Hashable {
    var job: JobID
    var requeues: Int
}
