import CZlib
import Foundation

/// The body of a message in the form in which the index stores it (RFC 1950).
///
/// JSON documents shrink to a fifth, and an index may hold the documents of years.
struct CompressedBody: Sendable, Equatable {
    /// The largest body that is stored, in bytes: the largest job document.
    static let largest = 1 << 20

    let bytes: Data
    /// The size of the original, in bytes.
    let size: Int

    /// Reads a stored body.
    init(bytes: Data, size: Int) {
        self.bytes = bytes
        self.size = size
    }

    /// Compresses a body.
    /// - Returns: `nil` when it is larger than ``largest``.
    init?(_ body: Data) {
        guard body.count <= Self.largest else { return nil }
        var size = compressBound(uLong(body.count))
        var target = [UInt8](repeating: 0, count: Int(size))
        let result = body.withUnsafeBytes { source in
            compress2(&target, &size, source.bindMemory(to: UInt8.self).baseAddress, uLong(body.count), 6)
        }
        guard result == Z_OK else { return nil }
        bytes = Data(target.prefix(Int(size)))
        self.size = body.count
    }

    /// Returns the original; `nil` when the stored bytes are damaged.
    func decompressed() -> Data? {
        guard (0...Self.largest).contains(size) else { return nil }
        var target = [UInt8](repeating: 0, count: max(1, size))
        var length = uLong(target.count)
        let result = bytes.withUnsafeBytes { source in
            uncompress(&target, &length, source.bindMemory(to: UInt8.self).baseAddress, uLong(bytes.count))
        }
        guard result == Z_OK, Int(length) == size else { return nil }
        return Data(target.prefix(size))
    }
}
