import Contracts
import Foundation
import Logging
import NIOPosix
import ServiceKit

/// Files that came from peers and were not what they were offered as: blames the peer, removes the file, and sees that
/// nobody fetches it again for the same track.
///
/// Every step may be repeated: a peer is blamed once for a file, however often the job is delivered.
struct MislabelledFiles: Sendable {
    let staging: StagingArea
    let peers: PeerReputation?

    /// The job with what is known of false files for its track, and without the file that it came back with.
    /// - Throws: ``JobError`` when that file cannot be removed.
    func settled(_ job: JobDocument, _ logger: Logger) async throws(JobError) -> JobDocument {
        let job = try await withoutFetched(job, logger)
        return marked(job, with: await peers?.mislabelledFiles(for: job) ?? [])
    }

    private func withoutFetched(_ job: JobDocument, _ logger: Logger) async throws(JobError) -> JobDocument {
        guard let section = job.transfer, !section.mislabelledFiles.isEmpty else { return job }
        await peers?.blame(section.mislabelledFiles, job: job)
        var job = job
        try await removeFetched(&job, logger)
        return job
    }

    /// The job with its candidates given up that are known to be false.
    private func marked(_ job: JobDocument, with known: [TransferSection.FailedCandidate]) -> JobDocument {
        var job = job
        let candidates = job.match?.candidates ?? []
        for file in known where candidates.contains(where: { $0.user == file.user && $0.key == file.key }) {
            var section = job.transfer ?? TransferSection()
            guard section.note(on: file.user, file.key)?.isFalse != true else { continue }
            section.giveUp(file.user, file.key, file.code)
            job.transfer = section
        }
        return job
    }

    /// The file was fetched for this job alone, into its own folder: it is nobody's.
    private func removeFetched(_ job: inout JobDocument, _ logger: Logger) async throws(JobError) {
        guard let download = job.download, let candidate = job.fetchedFromPeer,
            let note = job.transfer?.note(on: candidate.user, candidate.key), note.isFalse
        else { return }
        logger.log(
            event: .downloadCandidateFailed, level: .warning, "what a peer sent is not what it offered",
            metadata: ["source": .string(candidate.source), LogKey.code: .string(note.code)])
        TransferMetrics.wasFalse(source: candidate.source)
        try await remove(try staging.resolve(download.path, of: job.jobID).path)
        job.download = nil
        job.transfer?.end()
    }

    private func remove(_ path: String) async throws(JobError) {
        let number: Int32
        do {
            number = try await NIOThreadPool.singleton.runIfActive { unlink(path) == 0 ? 0 : errno }
        } catch {
            throw JobError(.internalError, "the removal of a false file was interrupted")
        }
        guard number == 0 || number == ENOENT else {
            throw JobError(
                .permissionDenied,
                "cannot remove \(path), which is not what was wanted: "
                    + String(cString: strerror(number)))
        }
    }
}
