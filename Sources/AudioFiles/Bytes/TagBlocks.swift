/// The ID3v2 tags at the beginning of a file.
enum ID3v2Header {
    /// Returns the offset of the first byte after them; 0 when there are none.
    static func end(in file: FileBytes) throws(AudioFileError) -> Int64 {
        var offset: Int64 = 0
        while let size = try size(in: file, at: offset) { offset += size }
        return min(offset, file.size)
    }

    private static func size(in file: FileBytes, at offset: Int64) throws(AudioFileError) -> Int64? {
        let header = try file.bytes(at: offset, count: 10)
        guard header.count == 10, header.has("ID3", at: 0), header[3] < 0xFF, header[6...].allSatisfy({ $0 < 0x80 })
        else { return nil }
        let body = header[6...].reduce(Int64(0)) { $0 << 7 | Int64($1) }
        let hasFooter = header[5] & 0x10 != 0
        return 10 + body + (hasFooter ? 10 : 0)
    }
}

/// The tags at the end of a file: ID3v1, APE and Lyrics3, in any order.
enum TrailingTags {
    /// Returns the offset of their first byte; the size of the file when there are none.
    static func start(in file: FileBytes) throws(AudioFileError) -> Int64 {
        var end = file.size
        // Each kind occurs once at most. More of them are a loop in a damaged file.
        for _ in 0..<4 {
            guard let size = try size(in: file, endingAt: end), size <= end else { break }
            end -= size
        }
        return end
    }

    private static func size(in file: FileBytes, endingAt end: Int64) throws(AudioFileError) -> Int64? {
        if end >= 128, try file.has("TAG", at: end - 128) { return 128 }
        if end >= 227, try file.has("TAG+", at: end - 227) { return 227 }
        if end >= 32, try file.has("APETAGEX", at: end - 32) { return try apeSize(in: file, endingAt: end) }
        if end >= 15, try file.has("LYRICS200", at: end - 9) { return try lyricsSize(in: file, endingAt: end) }
        return nil
    }

    private static func apeSize(in file: FileBytes, endingAt end: Int64) throws(AudioFileError) -> Int64? {
        guard let size = try file.littleEndian(at: end - 20, count: 4),
            let flags = try file.littleEndian(at: end - 12, count: 4)
        else { return nil }
        let hasHeader = flags & 0x8000_0000 != 0
        return size >= 32 ? Int64(size) + (hasHeader ? 32 : 0) : nil
    }

    private static func lyricsSize(in file: FileBytes, endingAt end: Int64) throws(AudioFileError) -> Int64? {
        let digits = try file.bytes(at: end - 15, count: 6)
        return Int64(String(decoding: digits, as: UTF8.self)).map { $0 + 15 }
    }
}
