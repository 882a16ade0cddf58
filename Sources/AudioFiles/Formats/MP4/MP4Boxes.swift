/// One box of an MP4 file.
struct MP4Box {
    let type: String
    /// The range that the header states. Its end may be beyond the end of the file.
    let content: Range<Int64>

    /// Returns `nil` when no box can begin at `offset`.
    init?(in file: FileBytes, at offset: Int64, before end: Int64) throws(AudioFileError) {
        guard end - offset >= 8, let size = try file.bigEndian(at: offset, count: 4) else { return nil }
        let name = try file.bytes(at: offset + 4, count: 4)
        guard name.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0xA9 }) else { return nil }
        var header: Int64 = 8
        var length = Int64(size)
        if size == 0 { length = end - offset }
        if size == 1 {
            guard let large = try file.bigEndian(at: offset + 8, count: 8), large < UInt64(Int64.max / 2) else {
                return nil
            }
            header = 16
            length = Int64(large)
        }
        guard length >= header else { return nil }
        type = String(decoding: name, as: UTF8.self)
        content = (offset + header)..<(offset + length)
    }

    /// A file with more boxes in a sequence is hostile. The longest fragmented recordings have about ten thousand.
    private static let mostInSequence = 100_000

    /// Returns the boxes that follow one another in a part of the file, up to the first offset where none can begin.
    static func sequence(in file: FileBytes, _ part: Range<Int64>) throws(AudioFileError) -> [MP4Box] {
        var boxes: [MP4Box] = []
        var offset = part.lowerBound
        while offset < part.upperBound, boxes.count < mostInSequence,
            let box = try MP4Box(in: file, at: offset, before: part.upperBound)
        {
            boxes.append(box)
            offset = box.content.upperBound
        }
        return boxes
    }

    /// Whether the first audio of the file is a fragment, as in streams and recordings of them.
    static func isFragmented(_ file: FileBytes, from start: Int64) throws(AudioFileError) -> Bool {
        var offset = start
        for _ in 0..<1000 {
            guard let box = try MP4Box(in: file, at: offset, before: file.size), box.type != "mdat" else { break }
            if box.type == "moof" { return true }
            offset = box.content.upperBound
        }
        return false
    }
}

/// The boxes of an MP4 file that describe or contain its audio.
struct MP4Boxes {
    let topLevel: [MP4Box]
    /// The contents of the `mdat` boxes, ascending.
    let mediaData: [Range<Int64>]
    /// For each of them, the number of bytes of media data before it.
    private let mediaBefore: [Int64]

    init(in file: FileBytes) throws(AudioFileError) {
        let start = try ID3v2Header.end(in: file)
        topLevel = try MP4Box.sequence(in: file, start..<file.size)
        mediaData = topLevel.filter { $0.type == "mdat" }.map(\.content)
        var before: Int64 = 0
        mediaBefore = mediaData.map { range in
            defer { before += Int64(range.count) }
            return before
        }
    }

    /// Returns the position of a byte of the file within the concatenated media data; -1 when it is outside of it.
    func mediaPosition(of offset: Int64) -> Int64 {
        // A binary search, as a hostile file can have any number of boxes.
        var (low, high) = (0, mediaData.count)
        while low < high {
            let middle = (low + high) / 2
            if mediaData[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        guard low < mediaData.count, mediaData[low].contains(offset) else { return -1 }
        return mediaBefore[low] + offset - mediaData[low].lowerBound
    }

    /// Returns the sample tables of all tracks.
    func sampleTables(in file: FileBytes) throws(AudioFileError) -> [[MP4Box]] {
        var level = topLevel.filter { $0.type == "moov" }
        for type in ["trak", "mdia", "minf", "stbl"] {
            var inner: [MP4Box] = []
            for box in level {
                inner += try MP4Box.sequence(in: file, box.content).filter { $0.type == type }
            }
            level = inner
        }
        var tables: [[MP4Box]] = []
        for box in level { tables.append(try MP4Box.sequence(in: file, box.content)) }
        return tables
    }

    /// A day of audio with one chunk for each frame has fewer.
    private static let mostChunks = 10_000_000

    /// Returns the offsets of the chunks of all tracks, from the start of the file.
    func chunkOffsets(in file: FileBytes) throws(AudioFileError) -> [Int64] {
        var offsets: [Int64] = []
        for box in try sampleTables(in: file).joined() where box.type == "stco" || box.type == "co64" {
            let width = box.type == "stco" ? 4 : 8
            let count = try Self.entryCount(in: file, of: box, at: 4, width: width)
            for index in 0..<count where offsets.count < Self.mostChunks {
                let at = box.content.lowerBound + 8 + Int64(index * width)
                guard let offset = try file.bigEndian(at: at, count: width) else { break }
                offsets.append(Int64(clamping: offset))
            }
        }
        return offsets
    }

    /// Returns the total size of all samples, in bytes. It is a `Double`, as a damaged table may state any number.
    func sampleByteCount(in file: FileBytes) throws(AudioFileError) -> Double {
        var total = 0.0
        for box in try sampleTables(in: file).joined() where box.type == "stsz" {
            let common = try file.bigEndian(at: box.content.lowerBound + 4, count: 4) ?? 0
            if common > 0 {
                total += Double(common) * Double(try file.bigEndian(at: box.content.lowerBound + 8, count: 4) ?? 0)
                continue
            }
            for index in 0..<(try Self.entryCount(in: file, of: box, at: 8, width: 4)) {
                total += Double(try file.bigEndian(at: box.content.lowerBound + 12 + Int64(index * 4), count: 4) ?? 0)
            }
        }
        return total
    }

    /// Returns the number of entries of a table, at most as many as the box has room for.
    private static func entryCount(
        in file: FileBytes, of box: MP4Box, at offset: Int64, width: Int
    ) throws(AudioFileError) -> Int {
        let stated = try file.bigEndian(at: box.content.lowerBound + offset, count: 4) ?? 0
        let end = min(box.content.upperBound, file.size)
        return min(Int(stated), max(0, Int(end - box.content.lowerBound - offset - 4) / width))
    }
}
