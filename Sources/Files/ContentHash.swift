import Crypto

/// A SHA-256 that is computed from pieces.
public struct ContentHash: Sendable {
    private var hash = SHA256()

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    public mutating func update(_ bytes: some Sequence<UInt8>) { hash.update(data: Array(bytes)) }

    /// Adds a range of a file, read in pieces of bounded size; bytes beyond its end are left out. Blocks.
    public mutating func update(_ range: Range<Int64>, of file: borrowing OpenFile) throws(FileError) {
        var failure: FileError?
        withUnsafeTemporaryAllocation(byteCount: OpenFile.pieceSize, alignment: 16) { buffer in
            do throws(FileError) {
                var offset = range.lowerBound
                while offset < range.upperBound {
                    let wanted = Int(min(range.upperBound - offset, Int64(buffer.count)))
                    let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
                    let count = try file.read(into: piece, at: offset)
                    update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
                    if count < wanted { return }
                    offset += Int64(count)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// The hash of all bytes so far, in lower-case hexadecimal.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// What a file contains, as far as a comparison needs it.
public struct FileContent: Sendable, Hashable {
    /// Lower-case hexadecimal.
    public let sha256: String
    /// Bytes.
    public let size: Int64

    public init(sha256: String, size: Int64) {
        self.sha256 = sha256
        self.size = size
    }
}

extension OpenFile {
    /// Reads the file from its beginning to its end and returns its hash and size. Blocks.
    ///
    /// - Parameter afterPiece: called with the bytes read so far; what it throws ends the reading.
    public func content(_ afterPiece: (_ done: Int64) throws -> Void = { _ in }) throws -> FileContent {
        var hash = ContentHash()
        var size: Int64 = 0
        try withUnsafeTemporaryAllocation(byteCount: Self.pieceSize, alignment: 16) { buffer in
            var count = buffer.count
            while count == buffer.count {
                count = try read(into: buffer, at: size)
                hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                size += Int64(count)
                try afterPiece(size)
            }
        }
        return FileContent(sha256: hash.hexadecimal, size: size)
    }
}
