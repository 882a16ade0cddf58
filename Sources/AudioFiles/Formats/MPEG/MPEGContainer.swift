/// MPEG audio of the layers I to III without a container, such as MP3.
struct MPEGContainer: AudioContainer {
    let name = "mpeg"
    let fileExtensions = ["mp3", "mp2"]
    let isFoundBySearch = true

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) throws(AudioFileError) -> Recognition {
        try MPEGFrame.first(in: file, from: start) == nil ? .no : .yes
    }

    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        try AudioPayload(from: try ID3v2Header.end(in: file), in: file)
    }

    /// All frames follow one another to the end, and are as many as the Xing, Info or VBRI header states.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
        let start = try ID3v2Header.end(in: file)
        guard let firstOffset = try MPEGFrame.first(in: file, from: start),
            let first = try MPEGFrame(in: file, at: firstOffset)
        else { return .failed("there are no frames") }
        let stated = try Self.statedFrames(in: file, first, at: firstOffset)
        let walk = try MPEGWalk(in: file, from: firstOffset, to: try TrailingTags.start(in: file), like: first)
        // Only some encoders count the frame that contains the header, so a complete file may have one more.
        if let stated, walk.wholeFrames < stated || walk.endsWithinFrame && walk.wholeFrames == stated {
            return .failed("the last of \(stated) frames is missing or cut; \(walk.wholeFrames) are whole")
        }
        guard walk.strayBytes <= max(4096, (file.size - firstOffset) / 50) else {
            return .failed("\(walk.strayBytes) bytes between the frames are not audio")
        }
        if stated != nil { return .passed("all \(walk.wholeFrames) frames are there") }
        return walk.endsWithinFrame
            ? .failed("the last frame is cut")
            : .unknown("\(walk.wholeFrames) whole frames; the file does not state how many it should have")
    }

    private static func statedFrames(
        in file: FileBytes, _ frame: MPEGFrame, at offset: Int64
    ) throws(AudioFileError) -> Int? {
        let sideInformation: Int64 = frame.isMPEG1 ? (frame.isMono ? 17 : 32) : (frame.isMono ? 9 : 17)
        let xing = offset + 4 + sideInformation
        let name = try file.bytes(at: xing, count: 4)
        if name.has("Xing", at: 0) || name.has("Info", at: 0) {
            guard let flags = try file.bigEndian(at: xing + 4, count: 4), flags & 1 == 1 else { return nil }
            return try file.bigEndian(at: xing + 8, count: 4).map { Int($0) }
        }
        guard try file.has("VBRI", at: offset + 36) else { return nil }
        return try file.bigEndian(at: offset + 50, count: 4).map { Int($0) }
    }
}
