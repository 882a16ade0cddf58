public import Contracts
import Files

/// The jobs that living processes work on, from the journals of all processes.
public struct RunsInProgress: Sendable {
    private static let largestJournal = 4 << 20

    private let folder: DiskFolder

    public init(_ staging: StagingArea) {
        folder = DiskFolder(staging.downloads.appending(path: ".harmony/journal").path)
    }

    /// Returns the jobs by stage. Blocks.
    /// - Throws: `JobError` when the volume cannot be read.
    public func jobs() throws(JobError) -> [Stage: Set<JobID>] {
        var jobs: [Stage: Set<JobID>] = [:]
        do {
            guard FileStatus.exists(folder.path) else { return [:] }
            for name in try folder.names() where try isAlive(name) {
                for run in try open(name) { jobs[run.stage, default: []].insert(run.job) }
            }
        } catch {
            throw JobError(error)
        }
        return jobs
    }

    /// Whether a process has locked the journal.
    private func isAlive(_ name: String) throws(FileError) -> Bool {
        try FileLock.isLocked(byte: 0, of: path(name)) == true
    }

    /// Returns the runs that were begun and neither settled nor ended.
    private func open(_ name: String) throws(FileError) -> [RunIdentity] {
        guard let bytes = try SmallFile(path(name)).read(limit: Self.largestJournal) else { return [] }
        var open: Set<DeliveredStep> = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap({ JournalLine($0) }) {
            switch line.entry {
            case .begun: open.insert(line.step)
            case .settled, .ended: open.remove(line.step)
            }
        }
        return open.map(\.run)
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }
}
