import AudioSources
import Contracts
import ServiceKit

extension DownloadRun {
    /// Puts into the job's history which candidate is tried; not again when its transfer is gone on with.
    func tellBeginning(of candidate: Candidate) {
        guard choice.since(candidate) == nil else { return }
        let count = job.match?.candidates.count ?? 0
        let number = min(section.failedCandidates.count + 1, count)
        context.step("candidate \(number) of \(count): \(candidate.inWords)")
    }
}

extension JobContext {
    /// Tells what a transfer is doing.
    func note(_ step: TransferStep, of candidate: Candidate) {
        switch step {
        case .ordered, .adopted: activity(.starting, peer: candidate.user)
        case .queued(let place): activity(.queued, peer: candidate.user, place: place)
        case .progress: activity(.transferring, peer: candidate.user)
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

    /// The file and who has it, for a person; both names come from strangers and are quoted.
    var inWords: String {
        let file = leaf.prefix(utf8: 160).debugDescription
        return user.map { "\(file) from \($0.prefix(utf8: 60).debugDescription)" } ?? "\(file) from \(source)"
    }
}
