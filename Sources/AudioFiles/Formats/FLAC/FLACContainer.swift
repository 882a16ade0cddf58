/// FLAC in its own container.
struct FLACContainer: AudioContainer {
    let name = "flac"
    let fileExtensions = ["flac"]
    let codec: String? = "flac"
    let numbering = TagNumbering.separateTotal
    let mayLackDuration = true

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) -> Recognition {
        head.has("fLaC", at: 0) ? .yes : .no
    }

    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        try AudioPayload(from: try FLACStream(in: file)?.audioStart ?? file.size, in: file)
    }

    /// The last frame is intact and ends at the number of samples that the header states.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
        guard let stream = try FLACStream(in: file) else { return .failed("the metadata is incomplete") }
        let end = try TrailingTags.start(in: file)
        guard stream.audioStart < end else { return .failed("the file ends before the audio begins") }
        let head = try file.bytes(at: stream.audioStart, count: 32)
        guard let first = FLACFrame(head, at: 0), first.number == 0 else {
            return .failed("the audio does not begin with the first frame")
        }
        guard let last = try Self.lastFrame(in: file, stream, end: end) else {
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

    /// The size of the largest frame in bytes: 65 535 samples of eight channels take less.
    private static let longestFrame: Int64 = 2 * 1024 * 1024

    /// Returns the frame that ends exactly at `end` and has a correct checksum.
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
            // Bytes that look like a header are rare. A file full of them is hostile.
            tries += 1
            if tries > 64 { break }
        }
        return nil
    }
}
