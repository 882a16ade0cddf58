import Contracts
import Foundation

/// Brings a file that slskd has fetched into the job's folder: complete and durable there before it is gone here.
struct TransferArrival: Sendable {
    let candidate: Candidate
    let directory: URL
    let stem: String

    /// Names in the job's folder depend on nothing that a stranger chose, but a plain extension.
    var target: CopyTarget {
        let suffix = candidate.path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let isPlain = (1...8).contains(suffix.count) && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return CopyTarget(directory: directory, fileExtension: isPlain ? suffix : "bin", stem: stem)
    }

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
        for file in target.names {
            let name = file.path(percentEncoded: false)
            if link(source.path, name) == 0 {
                try synchronise()
                unlink(source.path)
                return file
            }
            guard errno == EEXIST else { return nil }
        }
        return nil
    }

    private func copy(_ source: SourceFile) async throws -> AcquiredFile {
        let target = target
        var transfer = try await blocking { try CopyTransfer(from: source, to: target) }
        do {
            var isComplete = false
            while !isComplete {
                try Task.checkCancellation()
                (transfer, isComplete) = try await blocking { [transfer] in
                    var transfer = transfer
                    let isComplete = try transfer.step()
                    return (transfer, isComplete)
                }
            }
            let file = try await blocking { [transfer] in try transfer.publish() }
            unlink(source.path)
            return file
        } catch {
            transfer.abandon()
            throw error
        }
    }

    private func synchronise() throws {
        let path = directory.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SourceError(errno: errno, path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SourceError(errno: errno, path) }
    }
}
