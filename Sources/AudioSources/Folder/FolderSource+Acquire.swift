public import Contracts
public import Foundation
import Synchronization

extension FolderSource {
    /// Copies the file to `source.<extension>` in `directory`.
    ///
    /// An existing copy with the same content is adopted. A file of that name with other content is not changed; the
    /// copy then becomes `source-2.<extension>`.
    ///
    /// - Throws: ``SourceError``: `refused` for a path outside the trees, `gone`, `changed` …
    public func acquire(
        _ candidate: Candidate, job: JobID, into directory: URL,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> AcquiredFile {
        let path = FolderPath(roots: roots, path: candidate.path)
        let copy = DurableCopy(of: candidate.path, size: candidate.size, into: directory) { try path.resolved() }
        let task = Task { try await copy.run(progress) }
        let id = UUID()
        transfers.withLock { $0[job, default: [:]][id] = task }
        defer { forget(id, of: job) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    public func cancel(job: JobID) async {
        let tasks = transfers.withLock { $0[job].map { Array($0.values) } ?? [] }
        for task in tasks { task.cancel() }
        // After the return the caller may delete the folder, so no copy may still be written.
        for task in tasks { _ = await task.result }
    }

    private func forget(_ id: UUID, of job: JobID) {
        transfers.withLock { transfers in
            transfers[job]?[id] = nil
            if transfers[job]?.isEmpty == true { transfers[job] = nil }
        }
    }
}
