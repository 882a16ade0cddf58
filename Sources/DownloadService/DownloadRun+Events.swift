import AudioSources
import Contracts
import ServiceKit

extension DownloadRun {
    /// Adds a step to the job's history for the candidate that is tried; not again when its transfer is continued.
    func emitBeginning(of candidate: Candidate) {
        guard choice.since(candidate) == nil else { return }
        let count = job.match?.candidates.count ?? 0
        let number = min(section.failedCandidates.count + 1, count)
        context.step("candidate \(number) of \(count): \(candidate.summary)")
    }
}

extension JobContext {
    /// Emits the activity of a transfer from a peer. Local copies emit only their progress.
    func emit(_ step: TransferStep, of candidate: Candidate) {
        guard let user = candidate.user else { return }
        switch step {
        case .ordered, .adopted: activity(.starting, peer: user)
        case .queued(let place): activity(.queued, peer: user, place: place)
        case .progress: activity(.transferring, peer: user)
        case .stalled: break
        }
    }
}

extension Candidate {
    /// The name of the file without its folders.
    private var leaf: String {
        let leaf = path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
        return leaf.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The file and its owner, for people. Both names come from other users, so they are quoted.
    var summary: String {
        let file = leaf.prefix(utf8: 160).debugDescription
        return user.map { "\(file) from \($0.prefix(utf8: 60).debugDescription)" } ?? "\(file) from \(source)"
    }
}
