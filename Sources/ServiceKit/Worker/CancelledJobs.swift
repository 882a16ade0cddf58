public import Contracts
import Foundation
import NIOPosix

/// The jobs that somebody cancelled: a small file for each, `<downloads>/.harmony/cancelled/<job id>`, which every
/// process sees and no restart forgets. A message of such a job is dropped wherever it is met.
///
/// A job that was sent back to work after it was cancelled lives again: the file says how often it had been sent back by
/// then, and means no later life.
public struct CancelledJobs: Sendable {
    private let staging: StagingArea

    public init(_ staging: StagingArea) { self.staging = staging }

    /// Notes, durably, that a job is cancelled. Blocks. Doing it again changes nothing.
    /// - Parameter requeues: how often it was sent back to work before.
    public func note(_ job: JobID, requeues: Int) throws(JobError) { try raise(marker(of: job), to: requeues) }

    /// Notes, durably, that a job that was cancelled is about to live again: what its new life makes is not cleared away
    /// with what the old one left. Blocks. Doing it again changes nothing.
    /// - Parameter requeues: how often it was sent back to work, this time included.
    public func revive(_ job: JobID, requeues: Int) throws(JobError) { try raise(successor(of: job), to: requeues) }

    /// Whether this life of a job was cancelled. Blocks for a moment.
    public func holds(_ job: JobID, requeues: Int) -> Bool {
        Self.number(in: marker(of: job)).map { requeues <= $0 } ?? false
    }

    private func raise(_ file: URL, to number: Int) throws(JobError) {
        guard (Self.number(in: file) ?? -1) < number else { return }
        do {
            let folder = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // Whole or not at all: a file that was cut off says nothing.
            let draft = folder.appending(path: ".\(UUID().uuidString)")
            try StagingArea.write("\(number)\n", to: draft)
            guard rename(draft.path, file.path) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
            try StagingArea.sync(folder)
        } catch {
            throw JobError(
                .internalError,
                "what becomes of the job cannot be noted in \(staging.downloads.path)/.harmony/cancelled")
        }
    }

    private static func number(in file: URL) -> Int? {
        // Mostly there is none, and a worker asks about each of its jobs every second.
        guard access(file.path, F_OK) == 0 else { return nil }
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// No id of a job has a dot.
    private func successor(of job: JobID) -> URL {
        staging.downloads.appending(path: ".harmony/cancelled/\(job).again")
    }

    private func marker(of job: JobID) -> URL { staging.downloads.appending(path: ".harmony/cancelled/\(job)") }
}

extension CancelledJobs {
    /// Those of the lives that were cancelled.
    func among(_ generations: [JobGeneration]) async -> [JobGeneration] {
        guard !generations.isEmpty else { return [] }
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                generations.filter { holds($0.job, requeues: $0.requeues) }
            }
        } catch {
            // Only a process that is ending has no threads left.
            return []
        }
    }

    /// Whether the job was cancelled at most so long ago.
    func wasNoted(_ job: JobID, within span: Duration) async -> Bool {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                let attributes = try FileManager.default.attributesOfItem(atPath: marker(of: job).path)
                let noted = (attributes[.modificationDate] as? Date).map(Timestamp.init)
                return noted.map { Timestamp.now.since($0) < span } ?? false
            }
        } catch {
            return false
        }
    }

    /// Whether the job lives again, later than this life.
    func hasSuccessor(_ generation: JobGeneration) async -> Bool {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                Self.number(in: successor(of: generation.job)).map { $0 > generation.requeues } ?? false
            }
        } catch {
            // Nothing is cleared away by a process that is ending.
            return true
        }
    }

    /// Removes what the stages left in the job's folder.
    func removeFiles(of job: JobID) async {
        // See above.
        try? await NIOThreadPool.singleton.runIfActive { staging.removeFiles(of: job) }
    }
}

/// A job between two times that somebody sent it back to work.
struct JobGeneration: Sendable, Hashable {
    var job: JobID
    var requeues: Int
}
