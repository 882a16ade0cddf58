import Files
import Foundation

/// The bytes of one file at any offset, read through a small window. Blocks on the disk.
///
/// Reads never go beyond the size that the file had when it was opened. Bytes beyond the end are absent, not an error, as
/// a parser of damaged files reaches the end anywhere.
final class FileBytes {
    let path: String
    /// Bytes.
    let size: Int64
    let file: OpenFile
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    static let windowSize = 128 * 1024

    init(path: String) throws(AudioFileError) {
        do throws(FileError) {
            guard let file = try OpenFile.reading(path, followLinks: true) else {
                throw FileError("open", path, number: ENOENT)
            }
            size = try file.status().size
            self.file = file
            self.path = path
        } catch {
            throw AudioFileError(error, path)
        }
    }

    /// Returns up to `count` bytes; fewer at the end of the file.
    func bytes(at offset: Int64, count: Int) throws(AudioFileError) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        let wanted = Int(min(Int64(count), size - offset))
        guard wanted <= Self.windowSize else { return try read(at: offset, count: wanted) }
        let start = try indexInWindow(of: offset, count: wanted)
        return Array(window[start..<min(start + wanted, window.count)])
    }

    /// Returns a big-endian number of up to eight bytes; `nil` when the file ends within it.
    func bigEndian(at offset: Int64, count: Int) throws(AudioFileError) -> UInt64? {
        guard offset >= 0, offset < size, size - offset >= Int64(count) else { return nil }
        let start = try indexInWindow(of: offset, count: count)
        guard start + count <= window.count else { return nil }
        var number: UInt64 = 0
        for index in start..<(start + count) { number = number << 8 | UInt64(window[index]) }
        return number
    }

    /// Returns a little-endian number of up to eight bytes; `nil` when the file ends within it.
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
        do throws(FileError) { return try file.read(at: offset, count: count) } catch {
            throw AudioFileError(error, path)
        }
    }
}
