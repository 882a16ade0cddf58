import AudioSources
import Contracts
import Logging
import ServiceKit

/// The download stage's access to the records of peers.
///
/// A database error affects only the order of equally good candidates, so it is logged and does not fail the job.
struct PeerReputation: Sendable {
    let store: PeerStore
    let logger: Logger

    /// Returns the candidates in the order to try them, without those of banned peers.
    /// - Parameter byTrust: Whether trust decides between equally good candidates.
    func ranked(_ candidates: [Candidate], byTrust: Bool = true) async -> [Candidate] {
        let users = Set(candidates.compactMap(\.user))
        guard !users.isEmpty else { return candidates }
        do {
            let ranking = PeerRanking(records: try await store.records(of: users))
            return byTrust ? ranking.ranked(candidates) : candidates.filter { !ranking.isBanned($0) }
        } catch {
            log(error)
            return candidates
        }
    }

    /// Records an event of a candidate's peer. Candidates without a peer are ignored.
    func record(_ event: PeerEvent, of candidate: Candidate) async {
        guard let user = candidate.user else { return }
        do {
            try await store.record(event, of: user)
        } catch {
            log(error)
        }
    }

    /// Records mislabelled files against their peers, once for each file and track.
    func record(mislabelled files: [TransferSection.FailedCandidate], job: JobDocument) async {
        do {
            try await store.record(files, job: job.jobID, target: DedupeKey.of(job.track))
        } catch {
            log(error)
        }
    }

    /// Returns the files that this job or an earlier one found to be mislabelled for the job's track.
    func mislabelledFiles(for job: JobDocument) async -> [TransferSection.FailedCandidate] {
        do {
            return try await store.mislabelledFiles(for: DedupeKey.of(job.track))
        } catch {
            log(error)
            return []
        }
    }

    private func log(_ error: any Error) {
        logger.log(
            event: .workerFailed, level: .warning, "cannot use the peers' database; peers are not ranked",
            metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
    }
}

extension SourceError {
    /// Whether the peer caused the failure, and not a disk of this installation, slskd or another client of it.
    var isPeerFailure: Bool { [.gone, .changed, .refused, .peerAway, .timedOut].contains(code) }
}
