/// AAC or ALAC in an MP4 file.
struct MP4Container: AudioContainer {
    let name = "mp4"
    let fileExtensions = ["m4a", "mp4", "m4b"]

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) throws(AudioFileError) -> Recognition {
        guard head.has("ftyp", at: 4) else { return .no }
        // TagLib neither reads the duration of fragments nor keeps them playable when it writes tags.
        return try MP4Box.isFragmented(file, from: start) ? .unsupported("an MP4 file in fragments") : .yes
    }

    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        let boxes = try MP4Boxes(in: file)
        let positions = try boxes.chunkOffsets(in: file).map { boxes.mediaPosition(of: $0) }
        return AudioPayload(ranges: boxes.mediaData, positions: positions)
    }

    /// The boxes fill the file exactly, and the media data has room for all samples.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
        let boxes = try MP4Boxes(in: file)
        let types = Set(boxes.topLevel.map(\.type))
        guard let end = boxes.topLevel.last?.content.upperBound else { return .failed("there are no boxes") }
        guard end <= file.size else { return .failed("the file ends \(end - file.size) bytes before its last box") }
        for type in ["moov", "mdat"] where !types.contains(type) { return .failed("the box \(type) is missing") }
        let media = boxes.mediaData.reduce(Int64(0)) { $0 + Int64($1.count) }
        let samples = try boxes.sampleByteCount(in: file)
        guard samples > 0 else { return .failed("the file lists no samples") }
        guard samples <= Double(media) else {
            return .failed("\(media) bytes of media data, and \(samples) of samples")
        }
        guard try boxes.chunkOffsets(in: file).allSatisfy({ boxes.mediaPosition(of: $0) >= 0 }) else {
            return .failed("a chunk lies outside of the media data")
        }
        return end == file.size
            ? .passed("all boxes and samples are there")
            : .failed("the last \(file.size - end) bytes of the file belong to no box")
    }
}
