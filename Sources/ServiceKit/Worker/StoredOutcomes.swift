import Contracts
import Files
import Foundation

/// The files of stored outcomes, `.outcome` in the folder of each job. All functions block.
struct StoredOutcomes: Sendable {
    private static let largestFile = 2 << 20

    let staging: StagingArea

    /// Stores an outcome durably, in place of an earlier one.
    func store(_ outcome: StoredOutcome, of job: JobID) throws {
        // The folder of a job that has ended must not come back, also if another message of the job ends it just now.
        guard !staging.isFinished(job) else { return }
        _ = try staging.makeFolder(of: job)
        try file(of: job).replace(try ContractCoding.encode(outcome))
        if staging.isFinished(job) { staging.removeFiles(of: job) }
    }

    /// Returns the stored outcome of a run; `nil` when there is none that can be read.
    func outcome(of run: RunIdentity) throws(FileError) -> StoredOutcome? {
        let file = file(of: run.job)
        guard FileStatus.exists(file.path), let bytes = try file.read(limit: Self.largestFile) else { return nil }
        guard let stored = try? ContractCoding.decode(StoredOutcome.self, from: Data(bytes)) else { return nil }
        return stored.isOf(run) ? stored : nil
    }

    /// Removes the stored outcome of a run, and not that of a later one.
    /// - Parameter onlyPublished: Whether an outcome stays that another message of the run has to settle.
    func remove(of run: RunIdentity, onlyPublished: Bool = false) throws(FileError) {
        guard let stored = try outcome(of: run), stored.isPublished || !onlyPublished else { return }
        try OpenFile.remove(file(of: run.job).path)
    }

    private func file(of job: JobID) -> SmallFile {
        SmallFile(staging.folder(of: job).appending(path: ".outcome").path)
    }
}
