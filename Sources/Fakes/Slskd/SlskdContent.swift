public import Foundation

/// The bytes that a peer sends for a file.
public enum SlskdContent: Sendable, Equatable {
    /// A local file, which is read during the transfer.
    case file(URL)
    case bytes(Data)
    /// Pseudo-random bytes that depend only on the seed.
    case generated(seed: UInt64, size: Int64)

    /// Returns the number of bytes. Blocks.
    /// - Throws: The error of the file system for a ``file(_:)``.
    public func size() throws -> Int64 {
        switch self {
        case .file(let url):
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path(percentEncoded: false))
            return (attributes[.size] as? NSNumber)?.int64Value ?? 0
        case .bytes(let data): return Int64(data.count)
        case .generated(_, let size): return size
        }
    }

    /// Returns all bytes. Blocks.
    /// - Throws: The error of the file system for a ``file(_:)``.
    public func data() throws -> Data { try read(from: 0, count: Int(size())) }

    /// Returns up to `count` bytes; fewer only at the end. Blocks.
    /// - Throws: The error of the file system for a ``file(_:)``.
    func read(from offset: Int64, count: Int) throws -> Data {
        switch self {
        case .file(let url):
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(offset))
            return try handle.read(upToCount: count) ?? Data()
        case .bytes(let data):
            return Data(data.dropFirst(Int(offset)).prefix(count))
        case .generated(let seed, let size):
            let end = min(offset + Int64(count), size)
            return Data((min(offset, end)..<end).map { Self.byte(at: $0, seed: seed) })
        }
    }

    /// Replaces the last three quarters of the content by noise of the same size.
    static func damaged(_ data: Data, at offset: Int64, of size: Int64) -> Data {
        Data(
            data.enumerated().map { index, byte in
                let position = offset + Int64(index)
                return position < size / 4 ? byte : byte ^ (Self.byte(at: position, seed: 0xBAD) | 1)
            })
    }

    private static func byte(at position: Int64, seed: UInt64) -> UInt8 {
        var value = seed &+ UInt64(bitPattern: position) &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return UInt8(truncatingIfNeeded: value ^ (value >> 27))
    }
}
