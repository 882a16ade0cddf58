public import Contracts
public import Foundation
import Synchronization

extension FolderSource {
    /// Copies the file to `source.<extension>` in `directory`.
    ///
    /// A copy of the same content that is already there is used; a file of that name with other content is left alone,
    /// and the copy becomes `source-2.<extension>`.
    ///
    /// - Throws: ``SourceError``: `refused` for a path outside of the trees, `gone`, `changed` …
    public func acquire(
        _ candidate: Candidate, job: JobID, into directory: URL,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> AcquiredFile {
        let copy = FolderCopy(roots: roots, candidate: candidate, directory: directory, progress: progress)
        let task = Task { try await copy.run() }
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
        // The caller may clear the folder when this returns.
        for task in tasks { _ = await task.result }
    }

    private func forget(_ id: UUID, of job: JobID) {
        transfers.withLock { transfers in
            transfers[job]?[id] = nil
            if transfers[job]?.isEmpty == true { transfers[job] = nil }
        }
    }
}
