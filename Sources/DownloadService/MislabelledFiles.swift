import Contracts
import Files
import Foundation
import Logging
import ServiceKit

/// Handles files of peers that were not the offered recording: records them against the peer, deletes them, and marks
/// their candidates so that no job fetches them again for the same track.
///
/// Every step can be repeated. A file counts once against its peer, however often the job is delivered.
struct MislabelledFiles: Sendable {
    let staging: StagingArea
    let peers: PeerReputation?

    /// Returns the job with all known mislabelled files of its track marked, and without its own mislabelled file.
    /// - Throws: ``JobError`` when that file cannot be deleted.
    func processed(_ job: JobDocument, _ logger: Logger) async throws(JobError) -> JobDocument {
        let job = try await withoutMislabelledFile(job, logger)
        return marked(job, with: await peers?.mislabelledFiles(for: job) ?? [])
    }

    private func withoutMislabelledFile(_ job: JobDocument, _ logger: Logger) async throws(JobError) -> JobDocument {
        guard let section = job.transfer, !section.wrongFiles.isEmpty else { return job }
        await peers?.record(mislabelled: section.mislabelledFiles, job: job)
        var job = job
        try await removeFetched(&job, logger)
        return job
    }

    /// Returns the job with each candidate marked as failed that is a known mislabelled file.
    private func marked(_ job: JobDocument, with known: [TransferSection.FailedCandidate]) -> JobDocument {
        var job = job
        let candidates = job.match?.candidates ?? []
        // The approval of a person is newer than the record of an earlier job.
        let approved = job.verdicts?.approved ?? []
        for file in known where candidates.contains(where: { $0.user == file.user && $0.key == file.key }) {
            guard !approved.contains(file.key) else { continue }
            var section = job.transfer ?? TransferSection()
            guard section.failure(of: file.user, file.key)?.isMislabelled != true else { continue }
            section.recordFailure(file.user, file.key, file.code)
            job.transfer = section
        }
        return job
    }

    /// Deletes the mislabelled file. It is in the job's own folder, so no other job uses it.
    private func removeFetched(_ job: inout JobDocument, _ logger: Logger) async throws(JobError) {
        guard let download = job.download, let candidate = job.fetchedFromPeer,
            let failed = job.transfer?.failure(of: candidate.user, candidate.key), failed.isWrongFile
        else { return }
        logger.log(
            event: .downloadCandidateFailed, level: .warning, "the fetched file is not the offered recording",
            metadata: ["source": .string(candidate.source), LogKey.code: .string(failed.code)])
        TransferMetrics.mislabelled(source: candidate.source)
        try await remove(try staging.resolve(download.path, of: job.jobID).path)
        job.download = nil
        job.transfer?.end()
    }

    private func remove(_ path: String) async throws(JobError) {
        do {
            try await BlockingPool.markers.run(within: .seconds(30)) { try OpenFile.remove(path) }
        } catch let error as FileError {
            throw JobError(.permissionDenied, "cannot delete a file that is not the wanted recording: \(error)")
        } catch {
            throw JobError(
                .internalError,
                "the deletion of a file that is not the wanted recording did not end: the volume of DOWNLOADS_DIR may hang; the job is repeated"
            )
        }
    }
}
