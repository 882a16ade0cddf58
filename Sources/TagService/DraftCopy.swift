import Files
import Foundation

/// A hidden copy of the downloaded file, in the job's own folder, until it gets its final name. Blocks.
struct DraftCopy: Sendable {
    let path: String

    /// - Parameter target: the final path. The draft has another name in the same folder, which no other run uses.
    init(for target: String) {
        let suffix = target.lastIndex(of: ".").map { target[target.index(after: $0)...] } ?? ""
        path = "\(DiskFolder(of: target).path)/.tagging-\(UUID().uuidString).\(suffix)"
    }

    /// Copies `source` into the draft, which must not exist.
    ///
    /// - Returns: the SHA-256 of the copied bytes, in lower-case hexadecimal; `nil` when the source does not exist.
    /// - Throws: ``FileError``; `CancellationError`. The draft may then exist.
    func fill(
        from source: String, _ isCancelled: () -> Bool, _ progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws -> String? {
        guard let input = try OpenFile.reading(source) else { return nil }
        let output = try OpenFile.creating(path, mode: 0o644)
        let copied = try output.fill(from: input) { done, total in
            if isCancelled() { throw CancellationError() }
            progress(done, total)
        }
        return copied.content.sha256
    }

    /// Gives the draft, which must be durable, its final name in one step, in place of an earlier copy of the same job.
    func rename(to target: String) throws(FileError) {
        do throws(FileError) {
            try OpenFile.rename(path, replacing: target)
        } catch {
            try remove()
            throw error
        }
        try DiskFolder(of: target).synchronise()
    }

    func remove() throws(FileError) { try OpenFile.remove(path) }
}
