extension Completeness {
    /// The first frame is where it must be, and the last one ends with the file and brings the number of samples to
    /// what the header states.
    static func flac(_ file: FileBytes) throws(AudioFileError) -> Completeness {
        guard let stream = try FLACStream(in: file) else { return .failed("the metadata is cut short") }
        let end = try TrailingTags.start(in: file)
        guard stream.audioStart < end else { return .failed("the file ends before the audio begins") }
        let head = try file.bytes(at: stream.audioStart, count: 32)
        guard let first = FLACFrame(head, at: 0), first.number == 0 else {
            return .failed("the audio does not begin with the first frame")
        }
        guard let last = try lastFrame(in: file, stream, end: end) else {
            return .failed("the last frame is cut, damaged or followed by something else")
        }
        let samples =
            last.hasVariableBlockSize
            ? last.number + Int64(last.blockSize)
            : last.number * Int64(stream.maximumBlockSize) + Int64(last.blockSize)
        guard stream.totalSamples > 0 else { return .unknown("the header does not state the number of samples") }
        return samples == stream.totalSamples
            ? .passed("all \(samples) samples are there")
            : .failed("the last frame ends at sample \(samples) of \(stream.totalSamples)")
    }

    /// Bytes; 65 535 samples of eight channels take less.
    private static let longestFrame: Int64 = 2 * 1024 * 1024

    /// The frame that ends exactly at `end`, its checksum right.
    private static func lastFrame(
        in file: FileBytes, _ stream: FLACStream, end: Int64
    ) throws(AudioFileError) -> FLACFrame? {
        let stated = Int64(stream.maximumFrameSize)
        let longest = stated > 0 ? min(stated, longestFrame) : longestFrame
        let start = max(stream.audioStart, end - longest - 16)
        let tail = try file.bytes(at: start, count: Int(end - start))
        var tries = 0
        for index in tail.indices.reversed() where tail[index] == 0xFF {
            guard let frame = FLACFrame(tail, at: index) else { continue }
            if Checksum.flacFrame(tail[index...]) == 0 { return frame }
            // Headers by chance are rare; a file full of them is hostile.
            tries += 1
            if tries > 64 { break }
        }
        return nil
    }
}
