import AudioSources
import Contracts
import Logging
import ServiceKit

/// The download stage's use of what is known of peers. A memory that cannot be used costs the order of equal candidates,
/// not the job.
struct PeerReputation: Sendable {
    let book: PeerStore
    let logger: Logger

    /// The candidates in the order in which to try them, without those of banned peers.
    func ranked(_ candidates: [Candidate]) async -> [Candidate] {
        let users = Set(candidates.compactMap(\.user))
        guard !users.isEmpty else { return candidates }
        do {
            return PeerRanking(records: try await book.records(of: users)).ranked(candidates)
        } catch {
            report(error)
            return candidates
        }
    }

    /// Notes what a candidate's peer did; files without a peer tell nothing.
    func note(_ deed: PeerEvent, of candidate: Candidate) async {
        guard let user = candidate.user else { return }
        do {
            try await book.note(deed, of: user)
        } catch {
            report(error)
        }
    }

    /// Blames peers for files that were not what they were offered as, once for each file and track.
    func blame(_ files: [TransferSection.FailedCandidate], job: JobDocument) async {
        do {
            try await book.note(files, job: job.jobID, target: DedupeKey.of(job.track))
        } catch {
            report(error)
        }
    }

    /// The files that were found false for the job's track, by this job or an earlier one.
    func mislabelledFiles(for job: JobDocument) async -> [TransferSection.FailedCandidate] {
        do {
            return try await book.mislabelledFiles(for: DedupeKey.of(job.track))
        } catch {
            report(error)
            return []
        }
    }

    private func report(_ error: any Error) {
        logger.log(
            event: .workerFailed, level: .warning, "the memory of peers cannot be used",
            metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
    }
}

extension SourceError {
    /// The peer is to blame, and not our disk or the source as a whole.
    var isThePeers: Bool { [.gone, .changed, .refused, .timedOut, .unreadable].contains(code) }
}
