/// WavPack.
struct WavPackContainer: AudioContainer {
    let name = "wavpack"
    let fileExtensions = ["wv"]
    let codec: String? = "wavpack"

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) -> Recognition {
        head.has("wvpk", at: 0) ? .yes : .no
    }

    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        try AudioPayload(from: try ID3v2Header.end(in: file), in: file)
    }

    /// The blocks follow one another and reach the number of samples that the first one states.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
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
        let strayBytes = end - offset
        guard strayBytes <= max(4096, file.size / 50) else {
            return .failed("the last \(strayBytes) bytes belong to no block")
        }
        guard let total, total != 0xFFFF_FFFF else { return .unknown("the file does not state its length") }
        return reached >= total
            ? .passed("all \(total) samples are there") : .failed("\(reached) of \(total) samples are there")
    }
}
