/// Where in a file the audio is, without tags and pictures.
struct AudioPayload {
    /// In the order of the audio.
    private(set) var ranges: [Range<Int64>]
    /// What else must not change: where the chunks lie within the media data.
    private(set) var positions: [Int64] = []

    var byteCount: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }

    init(of file: FileBytes, _ format: AudioFormat) throws(AudioFileError) {
        switch format {
        case .flac:
            let start = try FLACStream(in: file)?.audioStart ?? file.size
            ranges = [start..<max(start, try TrailingTags.start(in: file))]
        case .mpeg, .ape, .wavPack:
            let start = try ID3v2Header.end(in: file)
            ranges = [start..<max(start, try TrailingTags.start(in: file))]
        case .mp4:
            let boxes = try MP4Boxes(in: file)
            ranges = boxes.mediaData
            positions = try boxes.chunkOffsets(in: file).map { boxes.mediaPosition(of: $0) }
        case .oggVorbis, .oggOpus, .oggFLAC:
            ranges = try Self.packets(in: file)
        case .wav:
            ranges = try RIFFChunks(in: file, order: .littleEndian).named("data")
        case .aiff:
            ranges = try RIFFChunks(in: file, order: .bigEndian).named("SSND")
        }
    }

    /// The pieces of all packets but the second of each stream, which holds the comments.
    private static func packets(in file: FileBytes) throws(AudioFileError) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var packetIndexes: [UInt32: Int] = [:]
        var offset = try ID3v2Header.end(in: file)
        // Few files have more than one stream; one with more than these is hostile.
        while packetIndexes.count < 1000, let page = try OggPage(in: file, at: offset) {
            if page.isFirst { packetIndexes[page.serial] = 0 }
            var start = page.bodyStart
            for length in page.lacing {
                let end = min(start + Int64(length), file.size)
                if packetIndexes[page.serial] != 1, start < end { ranges.append(joining: start..<end) }
                if length < 255 { packetIndexes[page.serial, default: 0] += 1 }
                start = end
            }
            offset = page.end
        }
        return ranges
    }
}

extension [Range<Int64>] {
    /// Adds a range, as one with the last when it begins where that ends.
    fileprivate mutating func append(joining range: Range<Int64>) {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
