import Contracts
import Foundation

/// The copy of one offered file into the folder of a job, from the check of its path to the durable name.
struct FolderCopy: Sendable {
    let roots: [FolderRoot]
    let candidate: Candidate
    let directory: URL
    let progress: @Sendable (TransferProgress) -> Void

    func run() async throws -> AcquiredFile {
        let target = CopyTarget(directory: directory, extensionOf: candidate.path)
        try await blocking { try target.prepare() }
        let source: SourceFile
        do {
            source = try await blocking { try SourceFile(try containedPath(), size: candidate.size) }
        } catch let error as SourceError where error.code == .gone {
            return try await alreadyThere(target, instead: error)
        }
        if let copy = try await identical(to: source, target) { return copy }
        return try await copy(source, target)
    }

    /// The path that the candidate names, links resolved, which must lie in one of the trees.
    ///
    /// A job can come from anybody, so nothing is learnt from the answer about files elsewhere: they are refused by
    /// their name before anything looks at the disk.
    private func containedPath() throws -> String {
        let path = candidate.path
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard let root = roots.first(where: { $0.contains(path) }), !parts.contains(Array("..".utf8)),
            !path.contains("\0")
        else {
            throw SourceError(.refused, "the file is not in one of the music folders")
        }
        guard root.obstacle == nil, !root.isEmpty else {
            throw SourceError(.unavailable, "\(root.path) is missing or empty; is its disk mounted?")
        }
        errno = 0
        guard let resolved = ResolvedPath(path) else { throw SourceError(errno: errno, path) }
        let bases = roots.compactMap { ResolvedPath($0.path)?.text }
        guard bases.contains(where: resolved.text.isBelow) else {
            throw SourceError(.refused, "the file leads out of the music folders by a link")
        }
        return resolved.text
    }

    private func copy(_ source: SourceFile, _ target: CopyTarget) async throws -> AcquiredFile {
        try await CopyTransfer.run(from: source, to: target) { [progress, candidate] transferred in
            progress(TransferProgress(transferred: transferred, total: candidate.size))
        }
    }

    /// A finished copy with the same content as the source, from an earlier run of the same job.
    private func identical(to source: SourceFile, _ target: CopyTarget) async throws -> AcquiredFile? {
        let present = try await blocking { target.finished(ofSize: candidate.size) }
        guard !present.isEmpty else { return nil }
        let wanted = try await FileHash.compute(of: source)
        for file in present {
            let hash = try await FileHash.compute(of: try SourceFile(file.path(percentEncoded: false), size: nil))
            if hash == wanted { return AcquiredFile(file: file, size: candidate.size, sha256: hash) }
        }
        return nil
    }

    /// When the original is gone, a finished copy of its size from an earlier run is the only copy there is.
    private func alreadyThere(_ target: CopyTarget, instead error: SourceError) async throws -> AcquiredFile {
        let present = try await blocking { target.finished(ofSize: candidate.size) }
        guard let file = present.first else { throw error }
        let hash = try await FileHash.compute(of: try SourceFile(file.path(percentEncoded: false), size: nil))
        return AcquiredFile(file: file, size: candidate.size, sha256: hash)
    }
}
