import CFileMove
import Foundation

/// How the bytes of a copy reached the target.
public enum CopyMethod: Sendable, Hashable, CaseIterable {
    /// Both files share their blocks (reflink): Btrfs, XFS, bcachefs.
    case clone
    /// The kernel or the file server copied them: copy_file_range(2).
    case kernel
    case readAndWrite
}

extension OpenFile {
    /// Copies the content of `source` into this file, which must be new and empty, by the fastest method available.
    ///
    /// The hash is computed from what this file contains, so that a source that is written to at the same time cannot
    /// produce a hash of other bytes. The copy is not durable before ``synchronise()``. Blocks.
    ///
    /// - Parameters:
    ///   - methods: the methods that may be tried; ``CopyMethod/readAndWrite`` always is.
    ///   - afterPiece: called with the bytes done and the total; what it throws ends the copy.
    public func fill(
        from source: borrowing OpenFile, methods: Set<CopyMethod> = Set(CopyMethod.allCases),
        afterPiece: (_ done: Int64, _ total: Int64) throws -> Void = { _, _ in }
    ) throws -> (content: FileContent, method: CopyMethod) {
        let total = try source.status().size
        if methods.contains(.clone), hdm_clone(source.descriptor, descriptor) == 0 {
            let content = try content { try afterPiece($0, max($0, total)) }
            return (content, .clone)
        }
        return try copyPieces(from: source, total: total, inKernel: methods.contains(.kernel), afterPiece)
    }

    private func copyPieces(
        from source: borrowing OpenFile, total: Int64, inKernel: Bool,
        _ afterPiece: (_ done: Int64, _ total: Int64) throws -> Void
    ) throws -> (content: FileContent, method: CopyMethod) {
        var hash = ContentHash()
        var done: Int64 = 0
        var method = inKernel ? CopyMethod.kernel : .readAndWrite
        try withUnsafeTemporaryAllocation(byteCount: Self.pieceSize, alignment: 16) { buffer in
            while true {
                let count = try copyPiece(of: source, at: done, &method, buffer)
                if count == 0 { return }
                hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                done += Int64(count)
                try afterPiece(done, max(done, total))
            }
        }
        return (FileContent(sha256: hash.hexadecimal, size: done), method)
    }

    /// Copies one piece and leaves its bytes in `buffer`.
    ///
    /// - Returns: the number of bytes; 0 at the end of the source.
    private func copyPiece(
        of source: borrowing OpenFile, at offset: Int64, _ method: inout CopyMethod,
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        if method == .kernel {
            let copied = hdm_copy_range(source.descriptor, descriptor, offset, buffer.count)
            if copied > 0 {
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(copied)])
                guard try read(into: piece, at: offset) == piece.count else {
                    throw FileError("read back", path, number: EIO)
                }
                return piece.count
            }
            if [-ENOSPC, -EDQUOT, -EFBIG, -EIO].contains(Int32(copied)) {
                throw FileError("write to", path, number: Int32(-copied))
            }
            // 0 is the end of the file, or a file system that cannot do this and says nothing: reading decides.
            method = copied == 0 && offset > 0 ? .kernel : .readAndWrite
        }
        let count = try source.read(into: buffer, at: offset)
        guard count > 0 else { return 0 }
        method = .readAndWrite
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw FileError("write to", path) }
        try append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }
}
