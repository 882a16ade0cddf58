import Foundation

/// The bytes of one file at any offset, read through a small window; blocks on the disk.
///
/// Reads never go past the size that the file had when it was opened, and what lies beyond it is absent, not an error:
/// a parser of damaged files meets the end everywhere.
final class FileBytes {
    let path: String
    let size: Int64
    private let descriptor: Int32
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    static let windowSize = 128 * 1024

    init(path: String) throws(AudioFileError) {
        // A named pipe in place of a file must not hold the opener.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw AudioFileError(errno: errno, path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw AudioFileError(.unreadable, path, "this is not a regular file")
        }
        self.path = path
        size = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes; fewer at the end of the file.
    func bytes(at offset: Int64, count: Int) throws(AudioFileError) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        let wanted = Int(min(Int64(count), size - offset))
        guard wanted <= Self.windowSize else { return try read(at: offset, count: wanted) }
        let start = try indexInWindow(of: offset, count: wanted)
        return Array(window[start..<min(start + wanted, window.count)])
    }

    /// A big-endian number of up to eight bytes; `nil` when the file ends before it does.
    func bigEndian(at offset: Int64, count: Int) throws(AudioFileError) -> UInt64? {
        guard offset >= 0, offset < size, size - offset >= Int64(count) else { return nil }
        let start = try indexInWindow(of: offset, count: count)
        guard start + count <= window.count else { return nil }
        var number: UInt64 = 0
        for index in start..<(start + count) { number = number << 8 | UInt64(window[index]) }
        return number
    }

    /// A little-endian number of up to eight bytes; `nil` when the file ends before it does.
    func littleEndian(at offset: Int64, count: Int) throws(AudioFileError) -> UInt64? {
        guard let number = try bigEndian(at: offset, count: count) else { return nil }
        return number.byteSwapped >> UInt64(64 - 8 * count)
    }

    /// Whether the bytes at `offset` are these ASCII characters.
    func has(_ text: StaticString, at offset: Int64) throws(AudioFileError) -> Bool {
        try bytes(at: offset, count: text.utf8CodeUnitCount).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private func indexInWindow(of offset: Int64, count: Int) throws(AudioFileError) -> Int {
        let end = windowStart + Int64(window.count)
        if offset < windowStart || offset + Int64(count) > end {
            window = try read(at: offset, count: Int(min(Int64(Self.windowSize), size - offset)))
            windowStart = offset
        }
        return Int(offset - windowStart)
    }

    private func read(at offset: Int64, count: Int) throws(AudioFileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        guard failure == 0 else { throw AudioFileError(errno: failure, path) }
        return bytes
    }
}
