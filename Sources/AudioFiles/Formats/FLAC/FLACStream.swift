/// The metadata of a FLAC file that describes its audio.
struct FLACStream {
    /// In samples of a channel. With a fixed block size, all frames but the last one have this size.
    let maximumBlockSize: Int
    /// Bytes; 0 when unknown.
    let maximumFrameSize: Int
    /// Per channel; 0 when unknown.
    let totalSamples: Int64
    /// The offset of the first frame.
    let audioStart: Int64

    /// Returns `nil` when the metadata is incomplete or does not begin with the stream's properties.
    init?(in file: FileBytes) throws(AudioFileError) {
        let start = try ID3v2Header.end(in: file)
        let info = try file.bytes(at: start + 8, count: 18)
        guard try file.has("fLaC", at: start), try file.bigEndian(at: start + 4, count: 1).map({ $0 & 0x7F }) == 0,
            info.count == 18
        else { return nil }
        func number(_ range: Range<Int>) -> Int { info[range].reduce(0) { $0 << 8 | Int($1) } }
        maximumBlockSize = number(2..<4)
        maximumFrameSize = number(7..<10)
        totalSamples = Int64(number(13..<18)) & 0xF_FFFF_FFFF
        guard let end = try Self.metadataEnd(in: file, from: start + 4) else { return nil }
        audioStart = end
    }

    private static func metadataEnd(in file: FileBytes, from start: Int64) throws(AudioFileError) -> Int64? {
        var offset = start
        while let header = try file.bigEndian(at: offset, count: 4) {
            offset += 4 + Int64(header & 0xFF_FFFF)
            if header & 0x8000_0000 != 0 { return offset <= file.size ? offset : nil }
        }
        return nil
    }
}

/// The header of one FLAC frame.
struct FLACFrame {
    /// Per channel.
    let blockSize: Int
    /// The number of the frame; with variable block sizes, the number of its first sample.
    let number: Int64
    let hasVariableBlockSize: Bool

    /// Reads a header and verifies its checksum. Returns `nil` when none begins at `start`.
    init?(_ bytes: [UInt8], at start: Int) {
        guard start + 6 <= bytes.count, bytes[start] == 0xFF, bytes[start + 1] & 0xFE == 0xF8 else { return nil }
        hasVariableBlockSize = bytes[start + 1] & 1 == 1
        let sizeCode = Int(bytes[start + 2] >> 4)
        let rateCode = Int(bytes[start + 2] & 15)
        guard sizeCode != 0, rateCode != 15, let coded = Self.codedNumber(bytes, at: start + 4) else { return nil }
        number = coded.value
        var index = coded.end
        let sizeBytes = sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0
        let rateBytes = rateCode == 12 ? 1 : rateCode == 13 || rateCode == 14 ? 2 : 0
        guard index + sizeBytes + rateBytes < bytes.count else { return nil }
        let stored = bytes[index..<(index + sizeBytes)].reduce(0) { $0 << 8 | Int($1) } + 1
        index += sizeBytes + rateBytes
        guard Checksum.flacHeader(bytes[start...index]) == 0 else { return nil }
        switch sizeCode {
        case 1: blockSize = 192
        case 2...5: blockSize = 576 << (sizeCode - 2)
        case 6, 7: blockSize = stored
        default: blockSize = 256 << (sizeCode - 8)
        }
    }

    /// Reads a number that is encoded like a character of UTF-8, in up to seven bytes.
    private static func codedNumber(_ bytes: [UInt8], at start: Int) -> (value: Int64, end: Int)? {
        let first = bytes[start]
        guard first >= 0x80 else { return (Int64(first), start + 1) }
        let length = (~first).leadingZeroBitCount
        guard (2...7).contains(length), start + length <= bytes.count else { return nil }
        var value = Int64(length == 7 ? 0 : first & (0x7F >> UInt8(length)))
        for byte in bytes[(start + 1)..<(start + length)] {
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | Int64(byte & 0x3F)
        }
        return (value, start + length)
    }
}
