import Contracts
import Foundation

/// Brings a file that slskd has fetched into the job's folder: complete and durable there before it is gone here.
struct TransferArrival: Sendable {
    @Boxed private(set) var candidate: Candidate
    let directory: URL
    let stem: String

    var target: CopyTarget { CopyTarget(directory: directory, extensionOf: candidate.path, stem: stem) }

    /// The file when it was brought in before.
    func earlier() async throws -> AcquiredFile? {
        let target = target
        let size = candidate.size
        guard let file = try await blocking({ target.finished(ofSize: size).first }) else { return nil }
        let hash = try await FileHash.compute(of: try SourceFile(file.path(percentEncoded: false), size: size))
        return AcquiredFile(file: file, size: size, sha256: hash)
    }

    /// - Parameter path: of a regular file that was proven to be slskd's.
    func bring(_ path: String) async throws -> AcquiredFile {
        let size = candidate.size
        let source = try await blocking { try SourceFile(path, size: size) }
        let hash = try await FileHash.compute(of: source)
        if let file = try await blocking({ try move(source) }) {
            return AcquiredFile(file: file, size: size, sha256: hash)
        }
        return try await copy(source)
    }

    /// Moves within a file system; `nil` where that is not possible. Blocks.
    private func move(_ source: SourceFile) throws -> URL? {
        guard fsync(source.descriptor) == 0, source.isUnchanged else {
            throw SourceError(.changed, "\(source.path) changed while it was read")
        }
        let target = target
        for file in target.names {
            let name = file.path(percentEncoded: false)
            if link(source.path, name) == 0 {
                try target.synchroniseDirectory()
                unlink(source.path)
                return file
            }
            guard errno == EEXIST else { return nil }
        }
        return nil
    }

    private func copy(_ source: SourceFile) async throws -> AcquiredFile {
        let file = try await CopyTransfer.run(from: source, to: target)
        unlink(source.path)
        return file
    }
}
