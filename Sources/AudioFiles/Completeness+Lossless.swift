extension Completeness {
    /// The parts of a Monkey's Audio file, as its descriptor lists them, fit into the file.
    static func ape(_ file: FileBytes) throws(AudioFileError) -> Completeness {
        let start = try ID3v2Header.end(in: file)
        guard let version = try file.littleEndian(at: start + 4, count: 2) else { return .failed("the header is cut") }
        guard version >= 3980 else { return .unknown("version \(version) has no table of its parts") }
        // Descriptor, header, seek table, header of the original, frames (two numbers), trailer of the original.
        var stated: UInt64 = 0
        for field in 0..<7 {
            guard let length = try file.littleEndian(at: start + 8 + Int64(field * 4), count: 4) else {
                return .failed("the header is cut")
            }
            stated += field == 5 ? length << 32 : length
        }
        let present = UInt64(clamping: try TrailingTags.start(in: file) - start)
        return stated <= present
            ? .passed("all \(stated) bytes are there") : .failed("\(present) of \(stated) bytes are there")
    }

    /// The blocks of a WavPack file follow one another, and reach the number of samples that the first one states.
    static func wavPack(_ file: FileBytes) throws(AudioFileError) -> Completeness {
        var offset = try ID3v2Header.end(in: file)
        let end = try TrailingTags.start(in: file)
        let total = try file.littleEndian(at: offset + 12, count: 4)
        var reached: UInt64 = 0
        while try file.has("wvpk", at: offset), let size = try file.littleEndian(at: offset + 4, count: 4),
            let index = try file.littleEndian(at: offset + 16, count: 4),
            let samples = try file.littleEndian(at: offset + 20, count: 4)
        {
            offset += 8 + Int64(size)
            guard offset <= end else { return .failed("the last block is cut") }
            reached = max(reached, index + samples)
        }
        guard let total, total != 0xFFFF_FFFF else { return .unknown("the file does not state its length") }
        return reached >= total
            ? .passed("all \(total) samples are there") : .failed("\(reached) of \(total) samples are there")
    }
}
