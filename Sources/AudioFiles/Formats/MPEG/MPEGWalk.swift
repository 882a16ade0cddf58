/// A walk from frame header to frame header.
struct MPEGWalk {
    private(set) var wholeFrames = 0
    /// The bytes that belong to no frame.
    private(set) var strayBytes: Int64 = 0
    private(set) var endsWithinFrame = false

    init(in file: FileBytes, from start: Int64, to end: Int64, like first: MPEGFrame) throws(AudioFileError) {
        var offset = start
        while offset < end {
            guard let frame = try MPEGFrame(in: file, at: offset), frame.isLike(first) else {
                strayBytes += 1
                offset += 1
                continue
            }
            offset += Int64(frame.length)
            if offset <= end { wholeFrames += 1 } else { endsWithinFrame = true }
        }
    }
}
