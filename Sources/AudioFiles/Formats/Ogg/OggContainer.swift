/// Vorbis, Opus or FLAC in an Ogg file.
struct OggContainer: AudioContainer {
    static let vorbis = OggContainer(
        name: "ogg-vorbis", fileExtensions: ["ogg", "oga"], codec: "vorbis", signature: "\u{1}vorbis")
    static let opus = OggContainer(
        name: "ogg-opus", fileExtensions: ["opus", "ogg", "oga"], codec: "opus", signature: "OpusHead")
    static let flac = OggContainer(
        name: "ogg-flac", fileExtensions: ["oga", "ogg", "flac"], codec: "flac", signature: "\u{7F}FLAC",
        mayLackDuration: true)

    let name: String
    let fileExtensions: [String]
    let codec: String?
    /// The beginning of the first packet.
    let signature: StaticString
    var mayLackDuration = false
    var numbering: TagNumbering { .separateTotal }

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) throws(AudioFileError) -> Recognition {
        guard head.has("OggS", at: 0), let page = try OggPage(in: file, at: start) else { return .no }
        return try file.has(signature, at: page.bodyStart) ? .yes : .no
    }

    /// All packets except the second one of each stream, which contains the comments.
    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        var ranges: [Range<Int64>] = []
        var packetIndexes: [UInt32: Int] = [:]
        var offset = try ID3v2Header.end(in: file)
        // Few files have more than one stream. A file with more than these is hostile.
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
        return AudioPayload(ranges: ranges)
    }

    /// The pages follow one another without a gap to the end of the file, and the last one is marked as the last.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
        var offset = try ID3v2Header.end(in: file)
        var lastPages: [UInt32: OggPage] = [:]
        var lastSerial: UInt32?
        while let page = try OggPage(in: file, at: offset), page.end <= file.size {
            if let before = lastPages[page.serial], !page.isFirst, page.sequence != before.sequence &+ 1 {
                return .failed("pages are missing after page \(before.sequence)")
            }
            guard try page.isIntact(in: file) else { return .failed("page \(page.sequence) is damaged") }
            lastPages[page.serial] = page
            guard lastPages.count < 1000 else { return .failed("there are too many streams") }
            lastSerial = page.serial
            offset = page.end
        }
        guard let lastSerial, let last = lastPages[lastSerial] else { return .failed("there is no whole page") }
        guard offset == file.size else {
            return .failed("the last \(file.size - offset) bytes are no whole page")
        }
        guard lastPages.values.allSatisfy(\.isLast) else { return .failed("the end of the stream is missing") }
        return last.granule > 0
            ? .passed("all pages are there, up to sample \(last.granule)") : .failed("the last page has no position")
    }
}

extension [Range<Int64>] {
    /// Appends a range, or extends the last one when the range begins at its end.
    fileprivate mutating func append(joining range: Range<Int64>) {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
